#include "element/pkcs11_token.h"

#include <filesystem>
#include <map>

#include <dlfcn.h>

#include "base/format.h"
#include "crypto/sha256.h"

namespace intaglio::element {
namespace {

// More do not make a token faster; the ones we know have a lock inside or a few cores.
constexpr std::size_t kMaxSessions = 8;
constexpr CK_ULONG kMaxSlots = 256;

struct Named {
  CK_RV result;
  std::string_view name;
};
constexpr Named kNames[] = {
    {CKR_HOST_MEMORY, "CKR_HOST_MEMORY"},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR"},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED"},
    {CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE"},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR"},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY"},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED"},
    {CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED"},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID"},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED"},
    {CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT"},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID"},
    {CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID"},
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT"},
    {CKR_PIN_INVALID, "CKR_PIN_INVALID"},
    {CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE"},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED"},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED"},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED"},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT"},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID"},
    {CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID"},
    {CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT"},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT"},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED"},
    {CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED"},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN"},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED"},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED"},
};

std::string name_of(CK_RV result) {
  for (const auto& each : kNames) {
    if (each.result == result) return std::string(each.name);
  }
  return format("result 0x{:08x}", result);
}

Verdict verdict_for(CK_RV result) {
  switch (result) {
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
    case CKR_PIN_EXPIRED:
    case CKR_PIN_LOCKED:
    case CKR_USER_PIN_NOT_INITIALIZED: return Verdict::element_locked;
    case CKR_FUNCTION_NOT_SUPPORTED:
    case CKR_KEY_FUNCTION_NOT_PERMITTED:
    case CKR_KEY_TYPE_INCONSISTENT:
    case CKR_MECHANISM_INVALID:
    case CKR_TEMPLATE_INCONSISTENT:
    case CKR_TOKEN_WRITE_PROTECTED: return Verdict::element_unfit;
    default: return Verdict::element_gone;
  }
}

// A field of CK_TOKEN_INFO: padded with blanks, not ended.
template <std::size_t N>
std::string unpadded(const CK_UTF8CHAR (&field)[N]) {
  const std::string text(reinterpret_cast<const char*>(field), N);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

// The elements of a process share what is theirs alike. Never taken while a module is called but
// to load it or to log in, so that one slow token holds up no other's signatures.
struct Shared {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Pkcs11Module>> modules;  // by the path's one true form
  std::map<std::tuple<const void*, std::string, std::string>, std::weak_ptr<Pkcs11Token>> tokens;
};
Shared& shared() {
  static Shared& all = *new Shared;  // outlives every element, also one in a static variable
  return all;
}

Result<CK_FUNCTION_LIST*> functions_of(const std::string& path) {
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return refuse(Verdict::unknown_element, format("module-path: {}", ::dlerror()));
  }
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (get == nullptr || get(&functions) != CKR_OK || functions == nullptr) {
    return refuse(Verdict::unknown_element, "module-path: no PKCS #11 module");
  }
  if (functions->version.major != 2) {
    return refuse(Verdict::unknown_element,
                  format("module-path: PKCS #11 version {}.{}", functions->version.major,
                         functions->version.minor));
  }
  return functions;
}

// What the token itself says of the PIN after it refused one.
std::string_view warning_of(CK_FLAGS flags) {
  if ((flags & CKF_USER_PIN_LOCKED) != 0) return ", the PIN is locked now";
  if ((flags & CKF_USER_PIN_FINAL_TRY) != 0) return ", one try is left";
  if ((flags & CKF_USER_PIN_COUNT_LOW) != 0) return ", few tries are left";
  return "";
}

}  // namespace

std::unexpected<Refusal> refuse_call(std::string_view call, CK_RV result) {
  return refuse(verdict_for(result), format("{}: {}", call, name_of(result)));
}

Result<std::shared_ptr<Pkcs11Module>> Pkcs11Module::load(const std::string& path) {
  // Two spellings of one path are one library, which is initialised once.
  std::error_code failed;
  const std::string true_path = std::filesystem::canonical(path, failed).string();
  if (failed) {
    return refuse(Verdict::unknown_element, format("module-path: {} ({})", path, failed.message()));
  }
  const std::lock_guard lock(shared().mutex);
  std::weak_ptr<Pkcs11Module>& known = shared().modules[true_path];
  if (auto module = known.lock()) return module;
  ASSIGN(auto* const functions, functions_of(true_path));
  std::shared_ptr<Pkcs11Module> module(new Pkcs11Module(true_path, functions));
  TRY(module->initialise());
  known = module;
  return module;
}

Result<void> Pkcs11Module::initialise() {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;  // many threads call it
  const CK_RV result = functions_->C_Initialize(&arguments);
  if (result == CKR_CRYPTOKI_ALREADY_INITIALIZED) return {};
  if (result != CKR_OK) return refuse_call("C_Initialize", result);
  is_ours_ = true;
  return {};
}

Pkcs11Module::~Pkcs11Module() {
  if (!is_ours_) return;
  const std::lock_guard lock(shared().mutex);
  // Loaded again between our last user's leaving and here: then it is the other's to finalise.
  if (const auto successor = shared().modules[path_].lock()) {
    successor->is_ours_ = true;
  } else {
    functions_->C_Finalize(nullptr);
  }
}

Pkcs11Token::Pkcs11Token(std::shared_ptr<Pkcs11Module> module, Identity identity, const Secret& pin)
    : module_(std::move(module)), identity_(std::move(identity)), pin_(to_bytes(pin.reveal())) {}

Pkcs11Token::~Pkcs11Token() { disconnect(); }

Result<Pkcs11Token::Found> Pkcs11Token::find(Pkcs11Module& module, const Pkcs11Uri& uri) {
  CK_SLOT_ID slots[kMaxSlots];
  CK_ULONG count = kMaxSlots;
  const CK_RV listed = module.call().C_GetSlotList(CK_TRUE, slots, &count);
  if (listed != CKR_OK) return refuse_call("C_GetSlotList", listed);
  std::optional<Found> found;
  for (CK_ULONG i = 0; i < count; ++i) {
    Found each{slots[i], {}};
    // One that was taken out since is none of ours.
    if (module.call().C_GetTokenInfo(each.slot, &each.info) != CKR_OK) continue;
    if ((each.info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
    if (unpadded(each.info.label) != uri.token) continue;
    if (!uri.serial.empty() && unpadded(each.info.serialNumber) != uri.serial) continue;
    if (found) return refuse(Verdict::unknown_element, "token: two of that label; add serial=");
    found = each;
  }
  if (!found) return refuse(Verdict::unknown_element, format("token: no '{}' there", uri.token));
  return *found;
}

Result<std::shared_ptr<Pkcs11Token>> Pkcs11Token::open(const Pkcs11Uri& uri, const Secret& pin) {
  ASSIGN(const auto module, Pkcs11Module::load(uri.module_path));
  auto found = find(*module, uri);
  if (!found && found.error().verdict == Verdict::element_gone) {
    TRY(module->initialise());
    found = find(*module, uri);
  }
  if (!found) return std::unexpected(found.error());
  if ((found->info.flags & CKF_LOGIN_REQUIRED) == 0) {
    return refuse(Verdict::element_unfit, "token: asks for no PIN, so whoever reaches it signs");
  }
  const Identity identity{unpadded(found->info.label), unpadded(found->info.serialNumber)};

  const std::lock_guard lock(shared().mutex);
  auto& known = shared().tokens[{module.get(), identity.label, identity.serial}];
  if (auto token = known.lock()) {
    // A token that is logged in lets every PIN pass.
    if (!crypto::equal_constant_time(pin.reveal(), token->pin_.reveal())) {
      return refuse(Verdict::element_locked, "token: open already, under another PIN");
    }
    return token;
  }
  std::shared_ptr<Pkcs11Token> token(new Pkcs11Token(module, identity, pin));
  TRY(token->connect());
  known = token;
  return token;
}

Result<CK_SESSION_HANDLE> Pkcs11Token::open_session(CK_FLAGS more) const {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  const CK_RV result =
      module_->call().C_OpenSession(slot_, CKF_SERIAL_SESSION | more, nullptr, nullptr, &session);
  if (result != CKR_OK) return refuse_call("C_OpenSession", result);
  return session;
}

Result<void> Pkcs11Token::log_in() {
  const ByteView pin = pin_.reveal();
  const auto try_once = [&] {
    return module_->call().C_Login(anchor_, CKU_USER, const_cast<CK_UTF8CHAR*>(pin.data()),
                                   pin.size());
  };
  CK_RV result = try_once();
  if (result == CKR_USER_ALREADY_LOGGED_IN) {
    // By somebody else in this process: then our PIN was not looked at.
    module_->call().C_Logout(anchor_);
    result = try_once();
  }
  if (result == CKR_OK) return {};
  if (verdict_for(result) != Verdict::element_locked) return refuse_call("C_Login", result);
  CK_TOKEN_INFO info{};
  const bool is_known = module_->call().C_GetTokenInfo(slot_, &info) == CKR_OK;
  return refuse(Verdict::element_locked,
                format("token: {}{}", name_of(result), is_known ? warning_of(info.flags) : ""));
}

Result<void> Pkcs11Token::connect() {
  if (is_pin_refused_) return refuse(Verdict::element_locked, "token: has refused this PIN");
  Pkcs11Uri wanted;
  wanted.token = identity_.label;
  wanted.serial = identity_.serial;
  const auto found = find(*module_, wanted);
  if (!found) return refuse(Verdict::element_gone, found.error().where);
  slot_ = found->slot;
  ASSIGN(anchor_, open_session(0));
  if (auto in = log_in(); !in) {
    is_pin_refused_ = in.error().verdict == Verdict::element_locked;
    module_->call().C_CloseSession(anchor_);
    return in;
  }
  ++connection_;
  is_connected_ = true;
  return {};
}

Result<void> Pkcs11Token::reconnect(std::uint64_t seen) {
  const std::unique_lock alone(connecting_);
  if (is_connected_ && connection_ != seen) return {};  // by another thread
  disconnect();
  TRY(module_->initialise());
  return connect();
}

void Pkcs11Token::disconnect() {
  if (!is_connected_) return;
  is_connected_ = false;
  // Closed or not, these are not used again.
  for (const CK_SESSION_HANDLE each : idle_) module_->call().C_CloseSession(each);
  idle_.clear();
  open_ = 0;
  module_->call().C_Logout(anchor_);
  module_->call().C_CloseSession(anchor_);
}

Result<void> Pkcs11Token::is_alive(const Session& session) {
  CK_SESSION_INFO info{};
  const CK_RV result = session.call.C_GetSessionInfo(session.handle, &info);
  if (result != CKR_OK) return refuse_call("C_GetSessionInfo", result);
  if (info.state != CKS_RO_USER_FUNCTIONS && info.state != CKS_RW_USER_FUNCTIONS) {
    return refuse_call("C_GetSessionInfo", CKR_USER_NOT_LOGGED_IN);
  }
  return {};
}

Result<CK_SESSION_HANDLE> Pkcs11Token::borrow() {
  std::unique_lock lock(sessions_);
  given_back_.wait(lock, [&] { return !idle_.empty() || open_ < kMaxSessions; });
  if (idle_.empty()) {
    auto session = open_session(0);
    if (session) ++open_;
    // A token may have fewer than we like.
    if (session || open_ == 0) return session;
    given_back_.wait(lock, [&] { return !idle_.empty(); });
  }
  const CK_SESSION_HANDLE session = idle_.back();
  idle_.pop_back();
  return session;
}

void Pkcs11Token::give_back(CK_SESSION_HANDLE session) {
  {
    const std::lock_guard lock(sessions_);
    idle_.push_back(session);
  }
  given_back_.notify_one();
}

}  // namespace intaglio::element
