// A real node over a folder of its own, for tests; and people with keys that it knows.
#pragma once

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "base/format.h"
#include "element/enrolment_client.h"
#include "element/soft_element.h"
#include "service/node.h"
#include "service/setup.h"

namespace intaglio::service {

inline Secret test_passphrase() {
  std::string text = "correct horse";
  return Secret::take(text);
}

class NodeForTest {
 public:
  // Its keys are made in `key_place`, or else in its folder.
  explicit NodeForTest(std::uint16_t consensus = 0, const std::string& key_place = {}) {
    const auto created = create_data_folder(folder(),
                                            {.name = "test",
                                             .chains = 3,
                                             .consensus = consensus,
                                             .assets = {{AssetId(978), "EUR", 2, Amount(1)}},
                                             .treasury = {{Amount(1'000'000), AssetId(978)}},
                                             .host_names = {},
                                             .key_place = key_place},
                                            test_passphrase(), system_env());
    CHECK(created.has_value());
    open();
  }

  void open() {
    auto node = Node::open(folder(), test_passphrase(), system_env());
    if (!node) fatal(to_string(node.error()));
    node_ = *std::move(node);
    node_->start();
  }
  void close() { node_.reset(); }
  void reopen() {
    close();
    open();
  }

  Node& operator*() { return *node_; }
  Node* operator->() { return node_.get(); }
  const std::string& folder() const { return folder_.path(); }

  std::unique_ptr<element::SecureElement> key(const std::string& name) {
    const auto uri = uri_of_key(folder(), name, system_env());
    CHECK(uri.has_value());
    auto key = element::open_key(*uri, test_passphrase(), system_env());
    CHECK(key.has_value());
    return *std::move(key);
  }

  // A login whose own key may be certified as a holder's.
  Login login(const std::string& name, element::SecureElement& key,
              std::vector<pki::CertificateUsage> usages = {pki::CertificateUsage::holder},
              std::optional<AccountId> account = {}) {
    Login login{.name = name,
                .key = key.public_key().hash(),
                .public_key = key.public_key(),
                .usages = std::move(usages),
                .account = account};
    CHECK(node_->authority().register_login(login).has_value());
    return login;
  }

  // What the element answers to a challenge.
  static Result<Bytes> answer(const pki::ApplicationInformation& information,
                              element::SecureElement& key) {
    element::InProcessChannel channel(key);
    return element::enrol_over(channel, information);
  }

  // Enrols the key and returns its certificate.
  Result<pki::Certificate> enrol(const Login& login, pki::CertificateUsage usage,
                                 element::SecureElement& key,
                                 pki::EnrolmentProfile profile = pki::EnrolmentProfile::compact) {
    ASSIGN(const auto information,
           node_->enrolment_desk().apply(login, {usage, profile, key.simulated()}));
    ASSIGN(const auto bytes, answer(information, key));
    return node_->enrolment_desk().submit(login, information.id, bytes);
  }

 private:
  FolderForTest folder_;
  std::unique_ptr<Node> node_;
};

}  // namespace intaglio::service
