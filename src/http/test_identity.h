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

#include "base/folder_for_test.h"
#include "http/tls.h"

namespace intaglio::http {

inline std::string read_text(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

// Runs a shell command and returns its exit code; what it prints goes to `output`.
inline int run_program(const std::string& command, std::string& output) {
  const FolderForTest scratch;
  const std::string file = scratch / "output";
  const int status = std::system(("( " + command + " ) >" + file + " 2>&1 </dev/null").c_str());
  output = read_text(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A self-signed certificate and its key, as files <name>.crt and <name>.key; false when the program
// failed, with what it said in `output`.
inline bool make_identity(const FolderForTest& scratch, const std::string& name,
                          const std::string& subject_alternatives, std::string& output) {
  return run_program(
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
             "-subj /CN=test -addext subjectAltName=" +
                 subject_alternatives + " -keyout " + scratch / (name + ".key") + " -out " +
                 scratch / (name + ".crt"),
             output) == 0;
}

inline TlsIdentity load_identity(const FolderForTest& scratch, const std::string& name) {
  std::string key = read_text(scratch / (name + ".key"));
  return {read_text(scratch / (name + ".crt")), Secret::take(key)};
}

}  // namespace intaglio::http
