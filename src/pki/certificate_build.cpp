// Certificates and their parts in DER, written with pki/der.h: what goes in is ours, so there is
// nothing to parse and no library to ask.
#include <arpa/inet.h>

#include "base/format.h"
#include "pki/certificate.h"
#include "pki/certificate_parts.h"
#include "pki/der.h"
#include "pki/object_ids.h"

namespace intaglio::pki {

namespace {

using der::sequence;

// KeyUsage bits, the first at the top (RFC 5280 section 4.2.1.3).
constexpr std::uint16_t kDigitalSignature = 0x8000;
constexpr std::uint16_t kNonRepudiation = 0x4000;
constexpr std::uint16_t kKeyAgreement = 0x0800;
constexpr std::uint16_t kKeyCertSign = 0x0400;
constexpr std::uint16_t kCrlSign = 0x0200;

// What each usage turns into. Peers that speak mutual TLS get the standard usages beside ours.
struct UsageRow {
  CertificateUsage usage;
  std::uint16_t key_usage;
  bool tls_client;
  bool tls_server;
};
constexpr UsageRow kUsages[] = {
    {CertificateUsage::display, kDigitalSignature, false, false},
    {CertificateUsage::terminal, kDigitalSignature | kNonRepudiation, true, false},
    {CertificateUsage::instrument, kDigitalSignature | kNonRepudiation, false, false},
    {CertificateUsage::bank, kDigitalSignature | kNonRepudiation, true, true},
    {CertificateUsage::member, kDigitalSignature | kNonRepudiation | kKeyAgreement, false, false},
    {CertificateUsage::supervisor, kDigitalSignature | kKeyAgreement, false, false},
    {CertificateUsage::node, kDigitalSignature, true, true},
    {CertificateUsage::holder, kDigitalSignature | kNonRepudiation, false, false},
    {CertificateUsage::meeting_provider, kDigitalSignature, true, true},
    {CertificateUsage::issuer, kDigitalSignature | kNonRepudiation, false, false},
};
static_assert(std::size(kUsages) == std::size(codec::EnumNames<CertificateUsage>::kNames));

const UsageRow& row_of(CertificateUsage usage) {
  const auto* row = std::ranges::find(kUsages, usage, &UsageRow::usage);
  CHECK(row != std::end(kUsages));
  return *row;
}

Bytes key_usage(std::uint16_t bits) {
  return extension(object_ids::kKeyUsage, true, der::named_bits(bits));
}

Bytes authority_extensions(std::optional<unsigned> path_length, std::uint16_t bits) {
  const Bytes length = path_length ? der::integer(*path_length) : Bytes{};
  Bytes out =
      extension(object_ids::kBasicConstraints, true, sequence({der::boolean_true(), length}));
  append(out, key_usage(bits));
  return out;
}

Bytes end_entity_extensions(std::uint16_t bits, std::initializer_list<ByteView> usages) {
  Bytes out = extension(object_ids::kBasicConstraints, true, sequence({}));
  append(out, key_usage(bits));
  Bytes ids;
  for (const ByteView usage : usages) {
    if (!usage.empty()) append(ids, der::element(der::kObjectId, {usage}));
  }
  append(out, extension(object_ids::kExtendedKeyUsage, false, sequence({ids})));
  return out;
}

Bytes profile_extensions(const CertificateProfile& profile) {
  if (std::holds_alternative<RootAuthority>(profile)) {
    return authority_extensions(std::nullopt, kKeyCertSign | kCrlSign);
  }
  if (std::holds_alternative<IssuingAuthority>(profile)) {
    return authority_extensions(0, kDigitalSignature | kKeyCertSign | kCrlSign);
  }
  if (std::holds_alternative<TlsServer>(profile)) {
    return end_entity_extensions(kDigitalSignature, {object_ids::kServerAuth});
  }
  if (std::holds_alternative<OcspResponder>(profile)) {
    Bytes out = end_entity_extensions(kDigitalSignature, {object_ids::kOcspSigning});
    constexpr std::uint8_t kNull[] = {0x05, 0x00};
    append(out, extension(object_ids::kOcspNoCheck, false, kNull));
    return out;
  }
  if (std::holds_alternative<CmpProtection>(profile)) {
    return end_entity_extensions(kDigitalSignature, {object_ids::kCmcCa});
  }
  const UsageRow& row = row_of(std::get<CertificateUsage>(profile));
  return end_entity_extensions(row.key_usage,
                               {object_ids::usage(row.usage),
                                row.tls_client ? ByteView(object_ids::kClientAuth) : ByteView{},
                                row.tls_server ? ByteView(object_ids::kServerAuth) : ByteView{}});
}

constexpr unsigned kDnsName = 2;  // GeneralName's tags
constexpr unsigned kUri = 6;
constexpr unsigned kIpAddress = 7;

Result<Bytes> host_name(const std::string& name) {
  std::array<std::uint8_t, 16> address{};
  if (inet_pton(AF_INET, name.c_str(), address.data()) == 1) {
    return der::element(der::implicit_tag(kIpAddress), {ByteView(address).first(4)});
  }
  if (inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
    return der::element(der::implicit_tag(kIpAddress), {address});
  }
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
  if (name.empty() || name.size() > 253 || !plain) return refuse(Verdict::bad_value, "host name");
  return der::element(der::implicit_tag(kDnsName), {as_bytes(name)});
}

// Every name once, in order; nothing when there are none.
Result<Bytes> alternative_names(const CertificateContent& content) {
  Bytes names;
  if (const auto* server = std::get_if<TlsServer>(&content.profile)) {
    std::vector<std::string> all{"localhost", "127.0.0.1", "::1"};
    for (const std::string& name : server->names) {
      if (std::ranges::find(all, name) == all.end()) all.push_back(name);
    }
    for (const std::string& name : all) {
      ASSIGN(const auto encoded, host_name(name));
      append(names, encoded);
    }
  }
  if (content.account) {
    const std::string uri = std::string(kAccountUri) + codec::to_text(*content.account);
    append(names, der::element(der::implicit_tag(kUri), {as_bytes(uri)}));
  }
  if (names.empty()) return Bytes{};
  return extension(object_ids::kSubjectAltName, false, sequence({names}));
}

Result<Bytes> capabilities_extension(const CertificateContent& content) {
  if (!content.capabilities) return Bytes{};
  const auto* usage = std::get_if<CertificateUsage>(&content.profile);
  if (usage == nullptr || content.capabilities->role != *usage) {
    return refuse(Verdict::bad_value, "capabilities.role");
  }
  if (auto good = check(*content.capabilities); !good) {
    return refuse_within("capabilities", good.error());
  }
  const Bytes cbor = encode_capabilities(*content.capabilities);
  return extension(object_ids::capabilities(), false, der::element(der::kOctetString, {cbor}));
}

Result<Bytes> url_name(const std::string& url) {
  const bool visible = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F; });
  if (url.empty() || url.size() > kMaxPublishedUrl || !visible) {
    return refuse(Verdict::bad_value, "publication");
  }
  return der::element(der::implicit_tag(kUri), {as_bytes(url)});
}

Result<Bytes> publication_extensions(const CertificateContent& content) {
  if (!content.publication) return Bytes{};
  ASSIGN(const auto list, url_name(content.publication->revocation_list));
  ASSIGN(const auto ocsp, url_name(content.publication->ocsp));
  ASSIGN(const auto issuer, url_name(content.publication->issuer));
  // One point, by its full name; no reasons and no other issuer.
  const Bytes point =
      der::element(der::explicit_tag(0), {der::element(der::explicit_tag(0), {list})});
  Bytes out = extension(object_ids::kDistributionPoints, false, sequence({sequence({point})}));
  const auto access = [](ByteView method, ByteView name) {
    return sequence({der::element(der::kObjectId, {method}), name});
  };
  append(out, extension(object_ids::kAuthorityInfoAccess, false,
                        sequence({access(object_ids::kAccessOcsp, ocsp),
                                  access(object_ids::kAccessIssuers, issuer)})));
  return out;
}

ByteView key_id(const KeyHash& hash) { return hash.view().first(AccountId::kSize); }

Result<Bytes> extensions(const CertificateContent& content, ByteView issuer_key_id) {
  Bytes all = profile_extensions(content.profile);
  const KeyHash hash = content.public_key.hash();
  append(all, extension(object_ids::kSubjectKeyId, false,
                        der::element(der::kOctetString, {key_id(hash)})));
  append(all, authority_key_id(issuer_key_id));
  ASSIGN(const auto names, alternative_names(content));
  append(all, names);
  ASSIGN(const auto capabilities, capabilities_extension(content));
  append(all, capabilities);
  ASSIGN(const auto publication, publication_extensions(content));
  append(all, publication);
  return der::element(der::explicit_tag(3), {sequence({all})});
}

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

Bytes attribute(ByteView kind, std::uint8_t tag, std::string_view value) {
  if (value.empty()) return {};
  const Bytes pair =
      sequence({der::element(der::kObjectId, {kind}), der::element(tag, {as_bytes(value)})});
  return der::element(der::kSet, {pair});
}

struct IssuerParts {
  Bytes name;
  ByteView key_id;
};

Result<Certificate> build(const CertificateContent& content, const IssuerParts& issuer,
                          const crypto::Signer& signer) {
  if (content.serial == SerialNumber{}) return refuse(Verdict::bad_value, "serial");
  if (content.validity.not_after < content.validity.not_before) {
    return refuse(Verdict::bad_value, "validity");
  }
  ASSIGN(const auto subject, encode_name(content.subject));
  ASSIGN(const auto not_before, der::time(content.validity.not_before));
  ASSIGN(const auto not_after, der::time(content.validity.not_after));
  ASSIGN(const auto all_extensions, extensions(content, issuer.key_id));
  const Bytes version = der::element(der::explicit_tag(0), {der::integer(std::uint64_t{2})});
  const Bytes to_be_signed =
      sequence({version, der::integer(content.serial.view()), signature_algorithm(), issuer.name,
                sequence({not_before, not_after}), subject, subject_public_key(content.public_key),
                all_extensions});
  ASSIGN(const auto encoded, sign_der(to_be_signed, signer));
  return Certificate::parse(encoded);
}

}  // namespace

Bytes extension(ByteView kind, bool critical, ByteView value) {
  return sequence({der::element(der::kObjectId, {kind}), critical ? der::boolean_true() : Bytes{},
                   der::element(der::kOctetString, {value})});
}

Bytes authority_key_id(ByteView id) {
  return extension(object_ids::kAuthorityKeyId, false,
                   sequence({der::element(der::implicit_tag(0), {id})}));
}

Bytes subject_public_key(const crypto::PublicKey& key) {
  const Bytes algorithm = sequence({der::element(der::kObjectId, {object_ids::kEcPublicKey}),
                                    der::element(der::kObjectId, {object_ids::kP256})});
  return sequence({algorithm, der::bit_string(key.view())});
}

Bytes signature_algorithm() {
  return sequence({der::element(der::kObjectId, {object_ids::kEcdsaWithSha256})});
}

Result<Bytes> encode_name(const Name& name) {
  constexpr std::size_t kMaxAttribute = 64;
  if (name.common_name.empty() || name.common_name.size() > kMaxCommonName) {
    return refuse(Verdict::bad_value, "common_name");
  }
  if (name.organization.size() > kMaxAttribute) return refuse(Verdict::bad_value, "organization");
  if (name.serial_number.size() > kMaxAttribute || !printable(name.serial_number)) {
    return refuse(Verdict::bad_value, "serial_number");
  }
  return sequence(
      {attribute(object_ids::kOrganization, der::kUtf8String, name.organization),
       attribute(object_ids::kCommonName, der::kUtf8String, name.common_name),
       attribute(object_ids::kNameSerialNumber, der::kPrintableString, name.serial_number)});
}

Result<Bytes> sign_der(ByteView to_be_signed, const crypto::Signer& signer, ByteView more) {
  ASSIGN(const auto signature, signer.sign(to_be_signed));
  return sequence(
      {to_be_signed, signature_algorithm(), der::bit_string(crypto::to_der(signature)), more});
}

Bytes issuer_key_id(const Certificate& issuer) {
  return issuer.subject_key_id().empty() ? to_bytes(key_id(issuer.key_hash()))
                                         : issuer.subject_key_id();
}

Result<void> check_issuer(const Certificate& issuer, const crypto::Signer& signer) {
  if (!issuer.is_authority()) return refuse(Verdict::bad_value, "issuer is no authority");
  if (signer.key != issuer.public_key()) {
    return refuse(Verdict::bad_value, "signer does not hold the issuer's key");
  }
  return {};
}

Result<Certificate> build_certificate(const CertificateContent& content, const Certificate& issuer,
                                      const crypto::Signer& signer) {
  TRY(check_issuer(issuer, signer));
  const Bytes id = issuer_key_id(issuer);
  return build(content, {issuer.subject_der(), id}, signer);
}

Result<Certificate> build_self_signed(const CertificateContent& content,
                                      const crypto::Signer& signer) {
  if (signer.key != content.public_key) {
    return refuse(Verdict::bad_value, "signer does not hold the certificate's key");
  }
  ASSIGN(auto name, encode_name(content.subject));
  const KeyHash hash = content.public_key.hash();
  return build(content, {std::move(name), key_id(hash)}, signer);
}

}  // namespace intaglio::pki
