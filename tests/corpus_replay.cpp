// Runs a fuzz target over every file of the folders given, so that each input that once broke a
// decoder is tried again in every test run, with any compiler.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t replayed = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i], none)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<std::uint8_t> input(std::istreambuf_iterator<char>(file), {});
      LLVMFuzzerTestOneInput(input.data(), input.size());
      ++replayed;
    }
  }
  std::printf("%zu inputs replayed\n", replayed);
  return replayed == 0 ? 1 : 0;
}
