#include "base/env.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <sys/random.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file_stream.h"
#include "base/format.h"

namespace intaglio {
namespace {

std::unexpected<Refusal> file_failed(const std::string& path) {
  return refuse(Verdict::file_failed, format("{} ({})", path, std::strerror(errno)));
}

class SystemEnv final : public Env {
 public:
  Millis now() override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Millis(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()));
  }

  void random(std::span<std::uint8_t> out) override {
    while (!out.empty()) {
      const ssize_t n = ::getrandom(out.data(), out.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      CHECK(n > 0);
      out = out.subspan(static_cast<std::size_t>(n));
    }
  }

  Result<Bytes> read_file(const std::string& path, std::size_t limit) override {
    ASSIGN(auto file, OpenFile::read(path));
    Bytes content;
    std::uint8_t buffer[65536];
    while (true) {
      ASSIGN(const auto got, file.read(buffer));
      if (got == 0) return content;
      append(content, ByteView(buffer).first(got));
      if (content.size() > limit) {
        return refuse(Verdict::file_failed, format("{} (more than {} bytes)", path, limit));
      }
    }
  }

  Result<void> write_file(const std::string& path, ByteView content, unsigned mode) override {
    const std::string draft = format("{}.{}.new", path, ::getpid());
    TRY(write_draft(draft, content, mode));
    if (::rename(draft.c_str(), path.c_str()) != 0) return file_failed(path);
    return make_name_durable(path);
  }

  Result<void> create_file(const std::string& path, ByteView content, unsigned mode) override {
    const std::string draft = format("{}.{}.new", path, ::getpid());
    TRY(write_draft(draft, content, mode));
    // Unlike rename, link never replaces.
    Result<void> linked;
    if (::link(draft.c_str(), path.c_str()) != 0) linked = file_failed(path);
    ::unlink(draft.c_str());
    TRY(linked);
    return make_name_durable(path);
  }

 private:
  static Result<void> write_draft(const std::string& draft, ByteView content, unsigned mode) {
    ::unlink(draft.c_str());
    ASSIGN(auto file, OpenFile::create(draft, mode));
    TRY(file.write(content));
    return file.sync();
  }

  // A new name is durable only once its folder is.
  static Result<void> make_name_durable(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (const auto failed = sync_folder(folder)) {
      return refuse(Verdict::file_failed, format("{} ({})", folder.string(), failed.message()));
    }
    return {};
  }
};

}  // namespace

Result<void> Env::create_file(const std::string& path, ByteView content, unsigned mode) {
  if (read_file(path, SIZE_MAX)) return refuse(Verdict::file_failed, path + " (there is one)");
  return write_file(path, content, mode);
}

Env& system_env() {
  static SystemEnv env;
  return env;
}

}  // namespace intaglio
