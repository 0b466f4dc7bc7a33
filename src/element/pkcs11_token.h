// A token of a PKCS #11 module (OASIS, version 2.40), logged in, for the elements whose keys it
// holds. For this module.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <vector>

#include <p11-kit-1/p11-kit/pkcs11.h>

#include "base/secret.h"
#include "element/element_uri.h"

namespace intaglio::element {

// What a call's result means to us, naming the call: `element_locked` for what concerns the PIN,
// `element_unfit` for what the token cannot do, `element_gone` for everything else.
std::unexpected<Refusal> refuse_call(std::string_view call, CK_RV result);

// A library at a path, loaded and initialised once in a process and shared by all its tokens. It
// is finalised with its last user and stays mapped: modules leave threads and exit handlers behind.
class Pkcs11Module {
 public:
  static Result<std::shared_ptr<Pkcs11Module>> load(const std::string& path);
  ~Pkcs11Module();
  Pkcs11Module(const Pkcs11Module&) = delete;
  Pkcs11Module& operator=(const Pkcs11Module&) = delete;

  // Again, after somebody else in this process has finalised it. Nothing when it is initialised.
  Result<void> initialise();
  // C_Name(arguments…) is call().C_Name(arguments…). Any thread.
  CK_FUNCTION_LIST& call() const { return *functions_; }

 private:
  Pkcs11Module(std::string path, CK_FUNCTION_LIST* functions)
      : path_(std::move(path)), functions_(functions) {}

  const std::string path_;
  CK_FUNCTION_LIST* const functions_;
  bool is_ours_ = false;  // nobody else had initialised it
};

// All elements of one token share one of these, and so its login, which PKCS #11 (section 5.6) has
// once for a whole process. Any thread. A lost connection (token removed, session closed, module
// finalised) is made anew by the next call, with the PIN that was right before; a PIN that is
// refused then is never tried again.
class Pkcs11Token {
 public:
  // A connection; object handles found in one are worth nothing in another.
  struct Session {
    CK_FUNCTION_LIST& call;
    CK_SESSION_HANDLE handle;
    std::uint64_t connection;
  };

  // `unknown_element` when the module or token is not there, `element_locked`, `element_unfit` for
  // a token that asks for no PIN, `element_gone`.
  static Result<std::shared_ptr<Pkcs11Token>> open(const Pkcs11Uri& uri, const Secret& pin);
  ~Pkcs11Token();
  Pkcs11Token(const Pkcs11Token&) = delete;
  Pkcs11Token& operator=(const Pkcs11Token&) = delete;

  // Runs `work(const Session&)`, which gives a Result, in a session that nobody else uses
  // meanwhile. When it finds the connection lost (`element_gone`), it is run once more in a new
  // one.
  template <typename Work>
  auto with_session(Work work) -> decltype(work(std::declval<const Session&>())) {
    for (bool again = true;; again = false) {
      std::uint64_t seen = 0;
      {
        const std::shared_lock in_use(connecting_);
        seen = connection_;
        if (is_connected_) {
          auto done = run(work);
          if (done || done.error().verdict != Verdict::element_gone || !again) return done;
        }
      }
      TRY(reconnect(seen));
    }
  }

  // The same in a session that may write, and once.
  template <typename Work>
  auto with_writing_session(Work work) -> decltype(work(std::declval<const Session&>())) {
    TRY(with_session([](const Session& session) { return is_alive(session); }));
    const std::shared_lock in_use(connecting_);
    ASSIGN(const CK_SESSION_HANDLE handle, open_session(CKF_RW_SESSION));
    auto done = work(Session{module_->call(), handle, connection_});
    module_->call().C_CloseSession(handle);
    return done;
  }

 private:
  // Which token: its label and serial number as they stand in CK_TOKEN_INFO.
  struct Identity {
    std::string label;
    std::string serial;
    auto operator<=>(const Identity&) const = default;
  };
  struct Found {
    CK_SLOT_ID slot;
    CK_TOKEN_INFO info;
  };

  Pkcs11Token(std::shared_ptr<Pkcs11Module> module, Identity identity, const Secret& pin);
  static Result<Found> find(Pkcs11Module& module, const Pkcs11Uri& uri);
  static Result<void> is_alive(const Session& session);

  Result<void> connect();
  Result<void> reconnect(std::uint64_t seen);
  void disconnect();
  Result<void> log_in();
  Result<CK_SESSION_HANDLE> open_session(CK_FLAGS more) const;
  Result<CK_SESSION_HANDLE> borrow();
  void give_back(CK_SESSION_HANDLE session);

  template <typename Work>
  auto run(Work& work) -> decltype(work(std::declval<const Session&>())) {
    ASSIGN(const CK_SESSION_HANDLE handle, borrow());
    auto done = work(Session{module_->call(), handle, connection_});
    give_back(handle);
    return done;
  }

  const std::shared_ptr<Pkcs11Module> module_;
  const Identity identity_;
  const Secret pin_;

  // Held shared while a session is used, alone while the connection is made, so that no handle of
  // an old connection is ever used in a new one.
  std::shared_mutex connecting_;
  bool is_connected_ = false;
  bool is_pin_refused_ = false;
  std::uint64_t connection_ = 0;
  CK_SLOT_ID slot_ = 0;
  CK_SESSION_HANDLE anchor_ = CK_INVALID_HANDLE;  // keeps the login while no other is open

  std::mutex sessions_;
  std::condition_variable given_back_;
  std::vector<CK_SESSION_HANDLE> idle_;
  std::size_t open_ = 0;
};

}  // namespace intaglio::element
