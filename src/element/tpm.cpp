#include "element/tpm.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "base/format.h"

namespace intaglio::element {
namespace {

constexpr const char* kProvider = "tpm2";
constexpr const char* kInTpm = "provider=tpm2";
constexpr const char* kTctiVariable = "TPM2OPENSSL_TCTI";
constexpr std::string_view kPemHead = "-----BEGIN TSS2 PRIVATE KEY-----";
constexpr std::size_t kMaxSignature = 128;
constexpr std::uint32_t kResourceManagerLayer = 0x0b;

template <auto kFree>
struct Free {
  void operator()(auto* object) const { kFree(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Decoder = std::unique_ptr<OSSL_DECODER_CTX, Free<OSSL_DECODER_CTX_free>>;
using Encoder = std::unique_ptr<OSSL_ENCODER_CTX, Free<OSSL_ENCODER_CTX_free>>;
using Store = std::unique_ptr<OSSL_STORE_CTX, Free<OSSL_STORE_close>>;
using StoreInfo = std::unique_ptr<OSSL_STORE_INFO, Free<OSSL_STORE_INFO_free>>;
using Asking = std::unique_ptr<UI_METHOD, Free<UI_destroy_method>>;
using Context = std::unique_ptr<OSSL_LIB_CTX, Free<OSSL_LIB_CTX_free>>;
using Provider = std::unique_ptr<OSSL_PROVIDER, Free<OSSL_PROVIDER_unload>>;

struct Shared {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Tpm>> tpms;  // by TCTI
};
Shared& shared() {
  static Shared& all = *new Shared;  // outlives every element, also one in a static variable
  return all;
}

// The response code of the TPM or of tpm2-tss (TPM 2.0 Library, part 2, section 6.6.2), which the
// provider puts first in an error's text.
struct Failure {
  std::uint32_t code = 0;
  std::string text;
};

// The first thing that went wrong; clears this thread's queue. Texts come from the provider's own
// tables and name no value.
Failure take_failure() {
  Failure out;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long error = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    if (!out.text.empty()) continue;
    const char* const reason = ERR_reason_error_string(error);
    out.text = reason != nullptr ? reason : "failed";
    if ((flags & ERR_TXT_STRING) == 0 || data == nullptr || *data == '\0') continue;
    std::from_chars(data, data + std::strlen(data), out.code);
    // A resource manager hands on what the TPM said under its own layer.
    if (out.code >> 16 == kResourceManagerLayer) out.code &= 0xffff;
    out.text += format(" ({})", data);
  }
  return out;
}

bool is_locked(std::uint32_t code) {
  constexpr std::uint32_t kLockout = 0x921;
  // Format one: the low six bits say what, the others which session or parameter it was about.
  constexpr std::uint32_t kFormatOne = 0x080;
  constexpr std::uint32_t kWhat = 0x0bf;
  constexpr std::uint32_t kAuthFail = 0x08e;
  constexpr std::uint32_t kBadAuth = 0x0a2;
  const std::uint32_t what = code & kWhat;
  const bool is_of_tpm = code < 0x1000;
  return code == kLockout ||
         (is_of_tpm && (code & kFormatOne) != 0 && (what == kAuthFail || what == kBadAuth));
}

// That the TPM has no object there, or did not wrap it.
bool is_unknown(std::uint32_t code) {
  constexpr std::uint32_t kWhat = 0x0bf;
  constexpr std::uint32_t kHandle = 0x08b;
  constexpr std::uint32_t kIntegrity = 0x09f;
  return code < 0x1000 && ((code & kWhat) == kHandle || (code & kWhat) == kIntegrity);
}

std::unexpected<Refusal> refuse_failure(std::string_view doing) {
  const Failure failure = take_failure();
  const Verdict verdict = is_locked(failure.code)    ? Verdict::element_locked
                          : is_unknown(failure.code) ? Verdict::unknown_element
                                                     : Verdict::element_gone;
  return refuse(verdict, format("{}: {}", doing, failure.text.empty() ? "failed" : failure.text));
}

// What the provider asks for while it loads a key.
struct Asked {
  const Secret& authorisation;
  bool asked = false;
};
int answer(char* to, int size, int, void* data) {
  Asked& asked = *static_cast<Asked*>(data);
  asked.asked = true;
  const ByteView value = asked.authorisation.reveal();
  if (value.size() > static_cast<std::size_t>(size)) return -1;
  std::ranges::copy(value, reinterpret_cast<std::uint8_t*>(to));
  return static_cast<int>(value.size());
}

// The provider of Debian 12 (1.1.1) takes the TCTI from the environment alone: its configuration
// parameter never arrives. So the variable is set while it is loaded, under the lock of shared().
// In glibc readers of other variables are not disturbed: neither what a variable pointed to nor the
// first array of variables is freed.
class TctiInEnvironment {
 public:
  explicit TctiInEnvironment(const std::string& tcti) : is_set_(!tcti.empty()) {
    // It logs to standard error what is in our refusals too. Whoever wants that sets this.
    ::setenv("TSS2_LOG", "all+none", 0);
    if (!is_set_) return;
    if (const char* const before = std::getenv(kTctiVariable)) before_ = before;
    ::setenv(kTctiVariable, tcti.c_str(), 1);
  }
  ~TctiInEnvironment() {
    if (!is_set_) return;
    if (before_) {
      ::setenv(kTctiVariable, before_->c_str(), 1);
    } else {
      ::unsetenv(kTctiVariable);
    }
  }
  TctiInEnvironment(const TctiInEnvironment&) = delete;
  TctiInEnvironment& operator=(const TctiInEnvironment&) = delete;

 private:
  const bool is_set_;
  std::optional<std::string> before_;
};

Result<Key> decode(OSSL_LIB_CTX* context, const TpmKey& key, Asked& asked) {
  if (!as_text(key.pem).starts_with(kPemHead)) {
    return refuse(Verdict::unknown_element, "not a key that a TPM wrapped (TSS2 PRIVATE KEY)");
  }
  EVP_PKEY* decoded = nullptr;
  const Decoder decoder(
      OSSL_DECODER_CTX_new_for_pkey(&decoded, "PEM", nullptr, "EC", 0, context, kInTpm));
  if (decoder == nullptr) return refuse_failure("decoder");
  OSSL_DECODER_CTX_set_pem_password_cb(decoder.get(), answer, &asked);
  const std::uint8_t* data = key.pem.data();
  std::size_t size = key.pem.size();
  OSSL_DECODER_from_data(decoder.get(), &data, &size);
  Key out(decoded);
  if (out == nullptr) return refuse_failure("loading the key");
  return out;
}

Result<Key> find_persistent(OSSL_LIB_CTX* context, std::uint32_t handle, Asked& asked) {
  const Asking asking(UI_UTIL_wrap_read_pem_callback(answer, 0));
  const std::string name = format("handle:0x{:08x}?pass", handle);
  const Store store(OSSL_STORE_open_ex(name.c_str(), context, kInTpm, asking.get(), &asked, nullptr,
                                       nullptr, nullptr));
  if (store == nullptr) return refuse_failure("handle");
  while (OSSL_STORE_eof(store.get()) == 0) {
    const StoreInfo info(OSSL_STORE_load(store.get()));
    if (info == nullptr) return refuse_failure("loading the key");
    Key out(OSSL_STORE_INFO_get1_PKEY(info.get()));
    if (out != nullptr) return out;
  }
  return refuse(Verdict::unknown_element, "handle: no key is there");
}

Result<crypto::PublicKey> point_of(const EVP_PKEY* key) {
  char group[32] = {};
  std::uint8_t point[crypto::PublicKey::kSize + 1];
  std::size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                     nullptr) != 1 ||
      std::string_view(group) != "prime256v1" ||
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &size) !=
          1) {
    take_failure();
    return refuse(Verdict::element_unfit, "not a P-256 key");
  }
  return crypto::PublicKey::parse(ByteView(point).first(size));
}

Result<Bytes> encode(const EVP_PKEY* key) {
  const Encoder encoder(
      OSSL_ENCODER_CTX_new_for_pkey(key, OSSL_KEYMGMT_SELECT_ALL, "PEM", "PrivateKeyInfo", kInTpm));
  unsigned char* data = nullptr;
  std::size_t size = 0;
  if (encoder == nullptr || OSSL_ENCODER_to_data(encoder.get(), &data, &size) != 1) {
    return refuse_failure("wrapping the key");
  }
  Bytes pem = to_bytes(ByteView(data, size));
  OPENSSL_free(data);
  if (!as_text(pem).starts_with(kPemHead)) {
    return refuse(Verdict::element_unfit, "the TPM gave a key that it did not wrap");
  }
  return pem;
}

}  // namespace

// In the order of what needs what: keys before providers before their context.
struct Tpm::Connection {
  Context context;
  Provider standard;
  Provider tpm;
  const TpmKey* owner = nullptr;  // of the key that is loaded
  Key loaded;
};

Tpm::Tpm(std::string tcti) : tcti_(std::move(tcti)) {}
Tpm::~Tpm() = default;

Result<std::shared_ptr<Tpm>> Tpm::open(const std::string& tcti) {
  const std::lock_guard lock(shared().mutex);
  std::weak_ptr<Tpm>& known = shared().tpms[tcti];
  if (auto tpm = known.lock()) return tpm;
  std::shared_ptr<Tpm> tpm(new Tpm(tcti));
  known = tpm;
  return tpm;
}

Result<void> Tpm::connect() {
  if (connection_ != nullptr) return {};
  const std::lock_guard lock(shared().mutex);
  const TctiInEnvironment tcti(tcti_);
  auto fresh = std::make_unique<Connection>();
  fresh->context.reset(OSSL_LIB_CTX_new());
  fresh->standard.reset(OSSL_PROVIDER_load(fresh->context.get(), "default"));
  fresh->tpm.reset(OSSL_PROVIDER_load(fresh->context.get(), kProvider));
  if (fresh->tpm == nullptr) {
    const Failure failure = take_failure();
    // Without a code it was not the provider that said it: there is none.
    if (failure.code == 0) {
      return refuse(Verdict::unknown_element, format("OpenSSL's tpm2 provider: {}", failure.text));
    }
    return refuse(Verdict::element_gone, format("TPM: {}", failure.text));
  }
  connection_ = std::move(fresh);
  return {};
}

Result<void> Tpm::load(const TpmKey& key) {
  TRY(connect());
  if (connection_->owner == &key) return {};
  connection_->owner = nullptr;
  connection_->loaded.reset();
  ERR_clear_error();
  Asked asked{key.authorisation};
  OSSL_LIB_CTX* const context = connection_->context.get();
  auto loaded =
      key.handle ? find_persistent(context, *key.handle, asked) : decode(context, key, asked);
  if (!loaded) return std::unexpected(loaded.error());
  if (!asked.asked) {
    return refuse(Verdict::element_unfit, "the key has no authorisation: whoever reaches it signs");
  }
  connection_->loaded = *std::move(loaded);
  connection_->owner = &key;
  return {};
}

Result<Bytes> Tpm::make_key(const Secret& authorisation) {
  const std::lock_guard lock(mutex_);
  TRY(connect());
  connection_->owner = nullptr;
  connection_->loaded.reset();
  ERR_clear_error();
  const KeyContext context(EVP_PKEY_CTX_new_from_name(connection_->context.get(), "EC", kInTpm));
  char group[] = "P-256";
  const ByteView value = authorisation.reveal();
  const OSSL_PARAM wanted[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      // Copied, in spite of its type.
      OSSL_PARAM_construct_utf8_string("user-auth", const_cast<char*>(as_text(value).data()),
                                       value.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* made = nullptr;
  const bool done = context != nullptr && EVP_PKEY_keygen_init(context.get()) == 1 &&
                    EVP_PKEY_CTX_set_params(context.get(), wanted) == 1 &&
                    EVP_PKEY_generate(context.get(), &made) == 1;
  const Key key(made);
  if (!done) {
    auto refusal = refuse_failure("making a key");
    connection_.reset();  // what it left in the TPM goes with the connection, if anything does
    return refusal;
  }
  return encode(key.get());
}

Result<crypto::PublicKey> Tpm::public_key(const TpmKey& key) {
  const std::lock_guard lock(mutex_);
  TRY(load(key));
  return point_of(connection_->loaded.get());
}

Result<crypto::Signature> Tpm::sign_once(const TpmKey& key, const Digest& digest) {
  TRY(load(key));
  ERR_clear_error();
  const KeyContext context(
      EVP_PKEY_CTX_new_from_pkey(connection_->context.get(), connection_->loaded.get(), kInTpm));
  Bytes der(kMaxSignature);
  std::size_t size = der.size();
  if (context == nullptr || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_sign(context.get(), der.data(), &size, digest.view().data(), Digest::kSize) != 1) {
    return refuse_failure("signing");
  }
  ASSIGN(const auto signature, crypto::signature_from_der(ByteView(der).first(size)));
  return crypto::to_low_s(signature);
}

Result<crypto::Signature> Tpm::sign(const TpmKey& key, const Digest& digest) {
  const std::lock_guard lock(mutex_);
  for (const bool is_last : {false, true}) {
    auto signature = sign_once(key, digest);
    if (signature || signature.error().verdict != Verdict::element_gone || is_last) {
      return signature;
    }
    connection_.reset();
  }
  return refuse(Verdict::element_gone);
}

void Tpm::forget(const TpmKey& key) {
  const std::lock_guard lock(mutex_);
  if (connection_ == nullptr || connection_->owner != &key) return;
  connection_->owner = nullptr;
  connection_->loaded.reset();
}

}  // namespace intaglio::element
