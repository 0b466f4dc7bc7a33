#include "pki/path.h"

#include <ctime>

#include <openssl/ec.h>
#include <openssl/x509_vfy.h>

#include "base/check.h"
#include "base/format.h"
#include "pki/object_ids.h"
#include "pki/openssl_handles.h"

namespace intaglio::pki {

namespace {

constexpr int kMaxDepth = 10;  // authorities between leaf and anchor

using Store = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
void free_stack_of_lists(STACK_OF(X509_CRL) * stack) { sk_X509_CRL_free(stack); }
using Certificates = std::unique_ptr<STACK_OF(X509), Freed<free_stack>>;
using Lists = std::unique_ptr<STACK_OF(X509_CRL), Freed<free_stack_of_lists>>;

// What to judge, as OpenSSL sees it. Owned by the caller.
struct NativePath {
  X509* leaf;
  std::vector<X509*> intermediates;
  std::vector<X509*> anchors;
  std::vector<X509_CRL*> lists;
};

std::unexpected<Refusal> refuse_at(Verdict verdict, int depth, std::string_view reason) {
  return refuse(verdict, format("depth {}: {}", depth, reason));
}

Verdict verdict_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED: return Verdict::certificate_not_valid_now;
    case X509_V_ERR_CERT_REVOKED: return Verdict::certificate_revoked;
    default: return Verdict::path_invalid;
  }
}

bool strong_curve(const EVP_PKEY* key) {
  char name[32] = {};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return false;
  const std::string_view group(name, size);
  return group == SN_X9_62_prime256v1 || group == SN_secp384r1 || group == SN_secp521r1;
}

bool strong_key(const X509* certificate, const AlgorithmPolicy& policy) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return false;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_EC: return strong_curve(key);
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      return policy.smallest_rsa_bits &&
             EVP_PKEY_get_bits(key) >= static_cast<int>(*policy.smallest_rsa_bits);
    case EVP_PKEY_DSA: return policy.dsa;
    default: return false;
  }
}

bool strong_hash(int hash, const AlgorithmPolicy& policy) {
  const EVP_MD* known = EVP_get_digestbynid(hash);
  return known != nullptr &&
         EVP_MD_get_size(known) * 8 >= static_cast<int>(policy.smallest_hash_bits);
}

bool strong_signature(X509* certificate, const AlgorithmPolicy& policy) {
  int hash = NID_undef;
  return X509_get_signature_info(certificate, &hash, nullptr, nullptr, nullptr) == 1 &&
         strong_hash(hash, policy);
}

bool strong_signature(const X509_CRL* list, const AlgorithmPolicy& policy) {
  int hash = NID_undef;
  return OBJ_find_sigid_algs(X509_CRL_get_signature_nid(list), &hash, nullptr) == 1 &&
         strong_hash(hash, policy);
}

// Each key of the path, each signature but the anchor's own (which proves nothing), each list.
Result<void> check_algorithms(STACK_OF(X509) * chain, const NativePath& path,
                              const PathQuestion& question) {
  const int last = sk_X509_num(chain) - 1;
  for (int depth = 0; depth <= last; ++depth) {
    X509* certificate = sk_X509_value(chain, depth);
    if (!strong_key(certificate, question.algorithms)) {
      return refuse_at(Verdict::weak_key, depth, "key");
    }
    if (depth < last && !strong_signature(certificate, question.algorithms)) {
      return refuse_at(Verdict::weak_key, depth, "signature");
    }
  }
  if (question.revocation == RevocationCheck::none) return {};
  for (std::size_t i = 0; i < path.lists.size(); ++i) {
    if (!strong_signature(path.lists[i], question.algorithms)) {
      return refuse(Verdict::weak_key, format("list {}: signature", i));
    }
  }
  return {};
}

// Nothing when the certificate has no extended key usage.
std::optional<bool> names_usage(const X509* certificate, ByteView wanted) {
  const ExtendedUsages usages(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  if (usages == nullptr) return std::nullopt;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    if (equal(content(sk_ASN1_OBJECT_value(usages.get(), i)), wanted)) return true;
  }
  return false;
}

// The leaf names the usage; an authority that names usages at all names this one too.
Result<void> check_usage(STACK_OF(X509) * chain, const PathQuestion& question) {
  if (!question.usage) return {};
  const Bytes wanted = object_ids::usage(*question.usage);
  const std::string_view name = codec::enum_name(*question.usage);
  X509* leaf = sk_X509_value(chain, 0);
  if (!names_usage(leaf, wanted).value_or(false)) {
    return refuse_at(Verdict::not_capable, 0, format("not for usage {}", name));
  }
  if ((X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0) {
    return refuse_at(Verdict::not_capable, 0, "not for signatures");
  }
  for (int depth = 1; depth < sk_X509_num(chain) - 1; ++depth) {
    if (!names_usage(sk_X509_value(chain, depth), wanted).value_or(true)) {
      return refuse_at(Verdict::not_capable, depth, format("not for usage {}", name));
    }
  }
  return {};
}

Result<void> set_policies(X509_VERIFY_PARAM* parameters, const CertificatePolicies& policies) {
  unsigned long flags = X509_V_FLAG_POLICY_CHECK;
  if (policies.require_explicit) flags |= X509_V_FLAG_EXPLICIT_POLICY;
  if (policies.inhibit_mapping) flags |= X509_V_FLAG_INHIBIT_MAP;
  if (policies.inhibit_any) flags |= X509_V_FLAG_INHIBIT_ANY;
  X509_VERIFY_PARAM_set_flags(parameters, flags);
  for (const std::string& policy : policies.acceptable) {
    ASN1_OBJECT* object = OBJ_txt2obj(policy.c_str(), 1);
    if (object == nullptr) return refuse(Verdict::bad_value, "policies: " + policy);
    CHECK(X509_VERIFY_PARAM_add0_policy(parameters, object) == 1);
  }
  return {};
}

Result<void> set_question(X509_VERIFY_PARAM* parameters, const PathQuestion& question) {
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(question.at.value() / 1000));
  X509_VERIFY_PARAM_set_depth(parameters, kMaxDepth);
  unsigned long flags = X509_V_FLAG_X509_STRICT;
  if (question.revocation != RevocationCheck::none) flags |= X509_V_FLAG_CRL_CHECK;
  if (question.revocation == RevocationCheck::path) flags |= X509_V_FLAG_CRL_CHECK_ALL;
  if (question.indirect_lists) {
    flags |= X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS;
  }
  X509_VERIFY_PARAM_set_flags(parameters, flags);
  return set_policies(parameters, question.policies);
}

Result<void> check_path(const NativePath& path, const PathQuestion& question) {
  if (path.intermediates.size() + path.anchors.size() > kMaxPathCertificates ||
      path.lists.size() > kMaxPathLists) {
    return refuse(Verdict::too_large, "path");
  }
  const ErrorQueueCleared cleared;
  const Store store(X509_STORE_new());
  const Certificates untrusted(sk_X509_new_null());
  const Lists lists(sk_X509_CRL_new_null());
  const StoreContext context(X509_STORE_CTX_new());
  CHECK(store && untrusted && lists && context);
  for (X509* anchor : path.anchors) CHECK(X509_STORE_add_cert(store.get(), anchor) == 1);
  for (X509* certificate : path.intermediates) {
    CHECK(sk_X509_push(untrusted.get(), certificate) > 0);
  }
  for (X509_CRL* list : path.lists) CHECK(sk_X509_CRL_push(lists.get(), list) > 0);
  CHECK(X509_STORE_CTX_init(context.get(), store.get(), path.leaf, untrusted.get()) == 1);
  X509_STORE_CTX_set0_crls(context.get(), lists.get());
  TRY(set_question(X509_STORE_CTX_get0_param(context.get()), question));

  if (X509_verify_cert(context.get()) != 1) {
    const int error = X509_STORE_CTX_get_error(context.get());
    return refuse_at(verdict_of(error), X509_STORE_CTX_get_error_depth(context.get()),
                     X509_verify_cert_error_string(error));
  }
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  TRY(check_algorithms(chain, path, question));
  return check_usage(chain, question);
}

}  // namespace

Result<Verified<Certificate>> validate_path(const Certificate& leaf, const PathMaterial& material,
                                            const PathQuestion& question) {
  NativePath path{leaf.native(), {}, {}, {}};
  for (const Certificate& each : material.intermediates)
    path.intermediates.push_back(each.native());
  for (const Certificate& each : material.anchors) path.anchors.push_back(each.native());
  for (const RevocationList& each : material.lists) path.lists.push_back(each.native());
  TRY(check_path(path, question));
  return VerificationPass::grant(leaf);
}

namespace {

using OwnedCertificate = std::unique_ptr<X509, Freed<X509_free>>;
using OwnedList = std::unique_ptr<X509_CRL, Freed<X509_CRL_free>>;

Result<OwnedCertificate> decode_certificate(ByteView der) {
  if (der.size() > Certificate::kMaxBytes) return refuse(Verdict::too_large, "certificate");
  const unsigned char* at = der.data();
  OwnedCertificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (out == nullptr) return refuse(Verdict::bad_encoding, "certificate");
  if (at != der.data() + der.size()) return refuse(Verdict::trailing_bytes, "certificate");
  return out;
}

Result<OwnedList> decode_list(ByteView der) {
  if (der.size() > RevocationList::kMaxBytes) return refuse(Verdict::too_large, "list");
  const unsigned char* at = der.data();
  OwnedList out(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (out == nullptr) return refuse(Verdict::bad_encoding, "list");
  if (at != der.data() + der.size()) return refuse(Verdict::trailing_bytes, "list");
  return out;
}

}  // namespace

Result<void> check_encoded_path(const EncodedPath& path, const PathQuestion& question) {
  const ErrorQueueCleared cleared;
  std::vector<OwnedCertificate> certificates;
  std::vector<OwnedList> lists;
  ASSIGN(auto leaf, decode_certificate(path.leaf));
  NativePath native{leaf.get(), {}, {}, {}};
  for (const Bytes& der : path.intermediates) {
    ASSIGN(auto each, decode_certificate(der));
    native.intermediates.push_back(each.get());
    certificates.push_back(std::move(each));
  }
  for (const Bytes& der : path.anchors) {
    ASSIGN(auto each, decode_certificate(der));
    native.anchors.push_back(each.get());
    certificates.push_back(std::move(each));
  }
  for (const Bytes& der : path.lists) {
    ASSIGN(auto each, decode_list(der));
    native.lists.push_back(each.get());
    lists.push_back(std::move(each));
  }
  return check_path(native, question);
}

bool names_issuer(const Certificate& certificate, const Certificate& issuer) {
  const ErrorQueueCleared cleared;
  return X509_check_issued(issuer.native(), certificate.native()) == X509_V_OK;
}

}  // namespace intaglio::pki
