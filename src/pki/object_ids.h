// Object identifiers, as the content bytes of their DER encoding. The dotted text stands beside.
#pragma once

#include <array>

#include "base/bytes.h"
#include "pki/capabilities.h"

namespace intaglio::pki::object_ids {

inline constexpr std::array<std::uint8_t, 8> kEcdsaWithSha256{0x2a, 0x86, 0x48, 0xce,
                                                              0x3d, 0x04, 0x03, 0x02};
inline constexpr std::array<std::uint8_t, 8> kEcdsaWithSha384{0x2a, 0x86, 0x48, 0xce,
                                                              0x3d, 0x04, 0x03, 0x03};
inline constexpr std::array<std::uint8_t, 8> kEcdsaWithSha512{0x2a, 0x86, 0x48, 0xce,
                                                              0x3d, 0x04, 0x03, 0x04};
inline constexpr std::array<std::uint8_t, 7> kEcPublicKey{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
inline constexpr std::array<std::uint8_t, 8> kP256{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

inline constexpr std::array<std::uint8_t, 3> kCommonName{0x55, 0x04, 0x03};        // 2.5.4.3
inline constexpr std::array<std::uint8_t, 3> kNameSerialNumber{0x55, 0x04, 0x05};  // 2.5.4.5
inline constexpr std::array<std::uint8_t, 3> kOrganization{0x55, 0x04, 0x0a};      // 2.5.4.10

inline constexpr std::array<std::uint8_t, 3> kSubjectKeyId{0x55, 0x1d, 0x0e};        // 2.5.29.14
inline constexpr std::array<std::uint8_t, 3> kKeyUsage{0x55, 0x1d, 0x0f};            // 2.5.29.15
inline constexpr std::array<std::uint8_t, 3> kSubjectAltName{0x55, 0x1d, 0x11};      // 2.5.29.17
inline constexpr std::array<std::uint8_t, 3> kBasicConstraints{0x55, 0x1d, 0x13};    // 2.5.29.19
inline constexpr std::array<std::uint8_t, 3> kCrlNumber{0x55, 0x1d, 0x14};           // 2.5.29.20
inline constexpr std::array<std::uint8_t, 3> kReasonCode{0x55, 0x1d, 0x15};          // 2.5.29.21
inline constexpr std::array<std::uint8_t, 3> kDistributionPoints{0x55, 0x1d, 0x1f};  // 2.5.29.31
inline constexpr std::array<std::uint8_t, 3> kAuthorityKeyId{0x55, 0x1d, 0x23};      // 2.5.29.35
inline constexpr std::array<std::uint8_t, 3> kExtendedKeyUsage{0x55, 0x1d, 0x25};    // 2.5.29.37
inline constexpr std::array<std::uint8_t, 8> kServerAuth{0x2b, 0x06, 0x01, 0x05,
                                                         0x05, 0x07, 0x03, 0x01};
inline constexpr std::array<std::uint8_t, 8> kClientAuth{0x2b, 0x06, 0x01, 0x05,
                                                         0x05, 0x07, 0x03, 0x02};
inline constexpr std::array<std::uint8_t, 8> kOcspSigning{0x2b, 0x06, 0x01, 0x05,
                                                          0x05, 0x07, 0x03, 0x09};
inline constexpr std::array<std::uint8_t, 8> kCmcCa{0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x1b};

// Authority information access: 1.3.6.1.5.5.7.1.1; its methods 1.3.6.1.5.5.7.48.1 and .2.
inline constexpr std::array<std::uint8_t, 8> kAuthorityInfoAccess{0x2b, 0x06, 0x01, 0x05,
                                                                  0x05, 0x07, 0x01, 0x01};
inline constexpr std::array<std::uint8_t, 8> kAccessOcsp{0x2b, 0x06, 0x01, 0x05,
                                                         0x05, 0x07, 0x30, 0x01};
inline constexpr std::array<std::uint8_t, 8> kAccessIssuers{0x2b, 0x06, 0x01, 0x05,
                                                            0x05, 0x07, 0x30, 0x02};

// OCSP (RFC 6960): 1.3.6.1.5.5.7.48.1.1 (basic), .2 (nonce), .5 (no check).
inline constexpr std::array<std::uint8_t, 9> kOcspBasic{0x2b, 0x06, 0x01, 0x05, 0x05,
                                                        0x07, 0x30, 0x01, 0x01};
inline constexpr std::array<std::uint8_t, 9> kOcspNonce{0x2b, 0x06, 0x01, 0x05, 0x05,
                                                        0x07, 0x30, 0x01, 0x02};
inline constexpr std::array<std::uint8_t, 9> kOcspNoCheck{0x2b, 0x06, 0x01, 0x05, 0x05,
                                                          0x07, 0x30, 0x01, 0x05};
inline constexpr std::array<std::uint8_t, 5> kSha1{0x2b, 0x0e, 0x03, 0x02, 0x1a};
inline constexpr std::array<std::uint8_t, 9> kSha256{0x60, 0x86, 0x48, 0x01, 0x65,
                                                     0x03, 0x04, 0x02, 0x01};

// CMP (RFC 4210, RFC 4211): 1.2.840.113533.7.66.13, its HMAC-SHA1 1.3.6.1.5.5.8.1.2, PKCS #5's
// 1.2.840.113549.2.7 and .9, and the control oldCertID 1.3.6.1.5.5.7.5.1.5.
inline constexpr std::array<std::uint8_t, 9> kPasswordBasedMac{0x2a, 0x86, 0x48, 0x86, 0xf6,
                                                               0x7d, 0x07, 0x42, 0x0d};
inline constexpr std::array<std::uint8_t, 8> kHmacSha1{0x2b, 0x06, 0x01, 0x05,
                                                       0x05, 0x08, 0x01, 0x02};
inline constexpr std::array<std::uint8_t, 8> kHmacWithSha1{0x2a, 0x86, 0x48, 0x86,
                                                           0xf7, 0x0d, 0x02, 0x07};
inline constexpr std::array<std::uint8_t, 8> kHmacWithSha256{0x2a, 0x86, 0x48, 0x86,
                                                             0xf7, 0x0d, 0x02, 0x09};
inline constexpr std::array<std::uint8_t, 9> kOldCertificateId{0x2b, 0x06, 0x01, 0x05, 0x05,
                                                               0x07, 0x05, 0x01, 0x05};

// PKCS #9 (RFC 2985): 1.2.840.113549.1.9.7 and .14.
inline constexpr std::array<std::uint8_t, 9> kChallengePassword{0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                                0x0d, 0x01, 0x09, 0x07};
inline constexpr std::array<std::uint8_t, 9> kExtensionRequest{0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                               0x0d, 0x01, 0x09, 0x0e};

// PKCS #7 (RFC 2315): 1.2.840.113549.1.7.1 and .2.
inline constexpr std::array<std::uint8_t, 9> kPkcs7Data{0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                        0x0d, 0x01, 0x07, 0x01};
inline constexpr std::array<std::uint8_t, 9> kPkcs7SignedData{0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                              0x0d, 0x01, 0x07, 0x02};

// Our own arc is a UUID (ITU-T X.667): 2.25.<62 3a 08 87 ... as one number>. It needs no registry.
inline constexpr std::array<std::uint8_t, 20> kArc{0x69, 0x81, 0xc4, 0xba, 0x84, 0xa1, 0xee,
                                                   0xea, 0xca, 0xa6, 0x87, 0xb1, 0xb6, 0xca,
                                                   0x9f, 0xb2, 0xd2, 0xc8, 0xf5, 0x27};

// kArc.1
inline Bytes capabilities() {
  Bytes out = to_bytes(kArc);
  out.push_back(1);
  return out;
}

// kArc.2.<the usage's number>
inline Bytes usage(CertificateUsage value) {
  static_assert(sizeof value == 1);
  Bytes out = to_bytes(kArc);
  out.push_back(2);
  out.push_back(static_cast<std::uint8_t>(value));  // all below 128: one byte
  return out;
}

}  // namespace intaglio::pki::object_ids
