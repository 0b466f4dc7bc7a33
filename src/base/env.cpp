#include "base/env.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/format.h"

namespace intaglio {
namespace {

std::unexpected<Refusal> file_failed(const std::string& path) {
  return refuse(Verdict::file_failed, format("{} ({})", path, std::strerror(errno)));
}

// Owns a file descriptor.
struct Descriptor {
  int fd;
  explicit Descriptor(int descriptor) : fd(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Result<void> write_all(int fd, ByteView content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_failed(path);
    content = content.subspan(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return file_failed(path);
  return {};
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
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.fd < 0) return file_failed(path);
    Bytes content;
    std::uint8_t buffer[65536];
    while (true) {
      const ssize_t n = ::read(file.fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return file_failed(path);
      if (n == 0) return content;
      append(content, ByteView(buffer, static_cast<std::size_t>(n)));
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
    const Descriptor file(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
    if (file.fd < 0) return file_failed(draft);
    return write_all(file.fd, content, draft);
  }

  // A new name is durable only once its folder is.
  static Result<void> make_name_durable(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    const Descriptor parent(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent.fd < 0 || ::fsync(parent.fd) != 0) return file_failed(folder.string());
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
