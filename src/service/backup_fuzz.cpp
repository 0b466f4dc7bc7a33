#include "base/check.h"
#include "service/backup.h"

using namespace intaglio;

// One form of each manifest, and no path in it that leads out of the folder it is restored to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto manifest = service::BackupManifest::decode(bytes);
  if (!manifest) return 0;
  CHECK(equal(manifest->encode(), bytes));
  for (const auto& file : manifest->files) {
    CHECK(!file.path.starts_with('/') && !file.path.starts_with('.'));
    CHECK(file.path.find("/.") == std::string::npos);
  }
  return 0;
}
