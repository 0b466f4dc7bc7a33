#include "base/file_stream.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "base/format.h"

namespace intaglio {
namespace {

std::unexpected<Refusal> file_failed(const std::string& path) {
  return refuse(Verdict::file_failed, format("{} ({})", path, std::strerror(errno)));
}

}  // namespace

Result<OpenFile> OpenFile::read(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return file_failed(path);
  return OpenFile(descriptor, path);
}

Result<OpenFile> OpenFile::create(const std::string& path, unsigned mode) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode));
  if (descriptor < 0) return file_failed(path);
  return OpenFile(descriptor, path);
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> OpenFile::read(std::span<std::uint8_t> into) {
  std::size_t got = 0;
  while (got < into.size()) {
    const ssize_t n = ::read(descriptor_, into.data() + got, into.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_failed(path_);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

Result<void> OpenFile::write(ByteView content) {
  while (!content.empty()) {
    const ssize_t n = ::write(descriptor_, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_failed(path_);
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> OpenFile::sync() {
  if (::fsync(descriptor_) != 0) return file_failed(path_);
  return {};
}

std::error_code sync_folder(const std::filesystem::path& folder) {
  const int file =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const std::error_code failed(synced ? 0 : errno, std::generic_category());
  if (file >= 0) ::close(file);
  return failed;
}

}  // namespace intaglio
