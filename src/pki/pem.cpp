#include "codec/base64url.h"
#include "pki/certificate.h"

namespace intaglio::pki {

namespace {

constexpr std::size_t kMaxPem = 2 * 1024 * 1024;

std::string boundary(std::string_view word, std::string_view label) {
  std::string out = "-----";
  out += word;
  out += ' ';
  out += label;
  out += "-----";
  return out;
}

}  // namespace

std::string to_pem(std::string_view label, ByteView der) {
  constexpr std::size_t kLine = 64;
  const std::string text = codec::to_base64(der);
  std::string out = boundary("BEGIN", label) + '\n';
  for (std::size_t at = 0; at < text.size(); at += kLine) {
    out += text.substr(at, kLine);
    out += '\n';
  }
  return out + boundary("END", label) + '\n';
}

Result<std::vector<Bytes>> pem_blocks(std::string_view text, std::string_view label,
                                      std::size_t limit) {
  if (text.size() > kMaxPem) return refuse(Verdict::too_large, "PEM");
  const std::string begin = boundary("BEGIN", label);
  const std::string end = boundary("END", label);
  std::vector<Bytes> out;
  for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
    const std::size_t from = at + begin.size();
    const std::size_t to = text.find(end, from);
    if (to == text.npos) return refuse(Verdict::truncated, end);
    if (out.size() == limit) return refuse(Verdict::too_large, "PEM blocks");
    ASSIGN(auto der, codec::from_wrapped_base64(text.substr(from, to - from)));
    out.push_back(std::move(der));
    at = to + end.size();
  }
  return out;
}

std::string Certificate::to_pem() const { return pki::to_pem("CERTIFICATE", der()); }

Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem) {
  constexpr std::size_t kMaxCertificates = 16;
  ASSIGN(const auto blocks, pem_blocks(pem, "CERTIFICATE", kMaxCertificates));
  std::vector<Certificate> out;
  for (const Bytes& block : blocks) {
    ASSIGN(auto certificate, Certificate::parse(block));
    out.push_back(std::move(certificate));
  }
  return out;
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
  ASSIGN(auto all, certificates_from_pem(pem));
  if (all.empty()) return refuse(Verdict::bad_encoding, "no certificate in the PEM text");
  if (all.size() > 1) return refuse(Verdict::trailing_bytes, "more than one certificate");
  return std::move(all.front());
}

}  // namespace intaglio::pki
