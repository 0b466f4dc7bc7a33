// For this module's tests: keys made on the spot, a root with an issuing authority under it, and
// the real openssl program over files in a folder of its own.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "base/env.h"
#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "pki/path.h"

namespace intaglio::pki {

inline constexpr Millis kNow{1767225600000};  // 2026-01-01 00:00:00 UTC
inline constexpr Duration kDay = seconds(86400);

inline crypto::Signer make_signer() {
  const auto key = std::make_shared<crypto::SigningKey>(crypto::SigningKey::generate());
  return {key->public_key(), [key](ByteView message) -> Result<crypto::Signature> {
            return key->sign(crypto::sha256(message));
          }};
}

inline SerialNumber next_serial() {
  static std::uint8_t count = 0;
  SerialBits bits;
  bits.writable()[0] = 0x80;
  bits.writable()[15] = ++count;
  return serial_from(bits);
}

inline CertificateContent content_for(const crypto::Signer& holder, std::string common_name,
                                      CertificateProfile profile) {
  return {next_serial(),
          {"", std::move(common_name), ""},
          {kNow, kNow + Duration(kDay.value() * 30)},
          holder.key,
          std::move(profile)};
}

// The root is kept apart from the issuing authority, which makes the certificates and lists.
struct TestAuthority {
  crypto::Signer root_signer = make_signer();
  crypto::Signer issuing_signer = make_signer();
  Certificate root =
      must(build_self_signed(content_for(root_signer, "Test root", RootAuthority{}), root_signer));
  Certificate issuing = must(build_certificate(
      content_for(issuing_signer, "Test issuing", IssuingAuthority{}), root, root_signer));

  Millis root_ends() const { return root.validity().not_after; }

  Certificate issue(const CertificateContent& content) const {
    return must(build_certificate(content, issuing, issuing_signer));
  }
  Certificate issue(CertificateUsage usage) const {
    return issue(content_for(make_signer(), "holder", usage));
  }
  RevocationList list(std::vector<RevokedCertificate> revoked) const {
    return must(
        build_revocation_list({1, kNow, kNow + kDay, std::move(revoked)}, issuing, issuing_signer));
  }
  RevocationList root_list(std::vector<RevokedCertificate> revoked) const {
    return must(
        build_revocation_list({1, kNow, kNow + kDay, std::move(revoked)}, root, root_signer));
  }
  PathMaterial material(std::vector<RevocationList> lists = {}) const {
    return {{issuing}, {root}, std::move(lists)};
  }
};

// Writes a file into the folder and says where it is.
inline std::string write_file(const FolderForTest& folder, std::string_view name,
                              ByteView content) {
  std::string path = folder / name;
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size()));
  return path;
}

struct Ran {
  int exit_code;
  std::string output;  // both streams
  bool says(std::string_view text) const { return output.find(text) != std::string::npos; }
};

inline Ran run(const std::string& command) {
  Ran ran{-1, {}};
  FILE* pipe = popen(("(" + command + ") 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer;
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    ran.output.append(buffer.data(), n);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ran.exit_code = WEXITSTATUS(status);
  return ran;
}

inline Bytes read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

}  // namespace intaglio::pki
