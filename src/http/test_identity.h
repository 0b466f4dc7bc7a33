// For tests and benchmarks: certificates made by the openssl program, which did not make the code
// that reads them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <unistd.h>

#include "http/tls.h"

namespace intaglio::http {

// A folder for one test, removed with it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "intaglio-http-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline std::string read_text(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

// Runs a shell command and returns its exit code; what it prints goes to `output`.
inline int run_program(const std::string& command, std::string& output) {
  const ScratchFolder scratch;
  const std::string file = scratch.file("output");
  const int status = std::system(("( " + command + " ) >" + file + " 2>&1 </dev/null").c_str());
  output = read_text(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A self-signed certificate and its key, as files <name>.crt and <name>.key; false when the program
// failed, with what it said in `output`.
inline bool make_identity(const ScratchFolder& scratch, const std::string& name,
                          const std::string& subject_alternatives, std::string& output) {
  return run_program(
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
             "-subj /CN=test -addext subjectAltName=" +
                 subject_alternatives + " -keyout " + scratch.file(name + ".key") + " -out " +
                 scratch.file(name + ".crt"),
             output) == 0;
}

inline TlsIdentity load_identity(const ScratchFolder& scratch, const std::string& name) {
  std::string key = read_text(scratch.file(name + ".key"));
  return {read_text(scratch.file(name + ".crt")), Secret::take(key)};
}

}  // namespace intaglio::http
