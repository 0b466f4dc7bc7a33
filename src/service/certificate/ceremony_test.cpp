// The root's ceremony, and issuing keys that follow one another, over real folders and a real node.
#include "service/certificate/ceremony.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "pki/certification_request.h"
#include "pki/path.h"
#include "service/keys.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

using pki::CertificateUsage;

Secret root_passphrase() {
  std::string text = "another staple";
  return Secret::take(text);
}

Bytes content(const std::string& path) { return must(system_env().read_file(path, 1 << 20)); }

Bytes pem_of(const pki::Certificate& certificate) {
  return to_bytes(as_bytes(certificate.to_pem()));
}

class Ceremony : public ::testing::Test {
 protected:
  Ceremony() {
    must(create_root(root(), {.name = "test"}, root_passphrase(), system_env()));
    const auto root_certificate =
        must(read_certificate(root() + "/authority/root.pem", system_env()));
    must(create_data_folder(node(),
                            {.name = "test",
                             .chains = 1,
                             .consensus = 1,
                             .assets = {{AssetId(978), "EUR", 2, Amount(1)}},
                             .treasury = {},
                             .host_names = {},
                             .root = root_certificate},
                            test_passphrase(), system_env()));
  }
  std::string root() { return folder_ / "root"; }
  std::string node() { return folder_ / "node"; }

  IssuingRequest request() {
    return must(request_issuer(node(), {}, test_passphrase(), system_env()));
  }
  Result<pki::Certificate> certify(ByteView file, Duration validity = kYear) {
    return certify_issuer(root(), file, validity, root_passphrase(), system_env());
  }
  Result<InstalledIssuer> install(const pki::Certificate& certificate) {
    return install_issuer(node(), pem_of(certificate), test_passphrase(), system_env());
  }
  Result<std::unique_ptr<Node>> open() {
    return Node::open(node(), test_passphrase(), system_env());
  }
  // Whether it leads to the root over what stands behind it in the file.
  bool leads_to_root(const std::string& path, std::optional<CertificateUsage> usage = {}) {
    const auto chain = must(pki::certificates_from_pem(as_text(content(path))));
    EXPECT_EQ(chain.size(), 2U);
    const auto anchor = must(read_certificate(root() + "/authority/root.pem", system_env()));
    return pki::validate_path(chain[0], {{chain[1]}, {anchor}, {}},
                              {.at = system_env().now(), .usage = usage})
        .has_value();
  }

  // What a node that runs does by itself, by and by: the main chain has all of the folder.
  void expect_recorded(Node& opened) {
    const auto own = must(own_certificates(node(), system_env()));
    EXPECT_GE(own.size(), 5U) << "root, issuing, cmp, and a peer for each of two nodes";
    for (const auto& each : own) {
      while (!opened.authority().logged(each)) std::this_thread::yield();
    }
  }

  FolderForTest folder_;
};

TEST_F(Ceremony, ANodeWaitsForItsCertificateAndNeverHasTheRootsKey) {
  EXPECT_FALSE(has_key(node(), "root"));
  EXPECT_TRUE(has_key(root(), "root"));
  EXPECT_EQ(verdict_of(open()), Verdict::file_failed);
  const auto asked = request();
  EXPECT_EQ(asked.name, "issuing");
  EXPECT_EQ(request().key, asked.key) << "the same again";

  const auto issuing = must(certify(content(asked.path)));
  EXPECT_EQ(issuing.key_hash(), asked.key);
  EXPECT_EQ(issuing.subject().common_name, "test issuing");
  EXPECT_EQ(must(install(issuing)).name(), "issuing");
  EXPECT_TRUE(leads_to_root(node() + "/authority/cmp.pem"));
  EXPECT_TRUE(leads_to_root(node() + "/tls/peer.pem", CertificateUsage::node));
  EXPECT_TRUE(leads_to_root(node() + "/consensus-1/tls/peer.pem", CertificateUsage::node));

  const auto opened = must(open());
  opened->start();
  EXPECT_EQ(opened->authority().issuing(), issuing);
  EXPECT_EQ(opened->authority().issuers().certificates().size(), 2U);
  expect_recorded(*opened);
  EXPECT_EQ(verdict_of(create_root(root(), {}, root_passphrase(), system_env())),
            Verdict::file_failed)
      << "there is one";
}

TEST_F(Ceremony, WhatIsNotOfThisRootAndThisFolderIsNotInstalled) {
  const auto asked = request();
  const auto issuing = must(certify(content(asked.path)));
  const std::string elsewhere = folder_ / "elsewhere";
  must(create_root(elsewhere, {.name = "test"}, root_passphrase(), system_env()));
  EXPECT_EQ(verdict_of(install(must(certify_issuer(elsewhere, content(asked.path), kYear,
                                                   root_passphrase(), system_env())))),
            Verdict::path_invalid);
  const auto other = element::make_passing_key();
  const auto others_request =
      must(pki::build_certification_request({"test", "other", ""}, element::signer_of(*other)));
  EXPECT_EQ(verdict_of(install(must(certify(others_request)))), Verdict::bad_key);
  // Of the right key, and no authority.
  const auto key = must(open_key(root(), "root", root_passphrase(), system_env()));
  const auto leaf = must(
      pki::build_certificate(authority_content("test", "leaf", issuing.public_key(),
                                               CertificateUsage::node, kYear, system_env()),
                             must(read_certificate(root() + "/authority/root.pem", system_env())),
                             element::signer_of(*key)));
  EXPECT_EQ(verdict_of(install(leaf)), Verdict::not_capable);
  EXPECT_TRUE(must(installed_issuers(node(), system_env())).empty());
  EXPECT_FALSE(std::filesystem::exists(node() + "/authority/cmp.pem"));

  // The root certifies no request without its key, and nobody as itself.
  Bytes altered = must(pki::certification_request_from_file(content(asked.path)));
  altered.back() ^= 1;
  EXPECT_EQ(verdict_of(certify(altered)), Verdict::no_possession);
  const auto as_root =
      must(pki::build_certification_request({"test", "test root", ""}, element::signer_of(*other)));
  EXPECT_EQ(verdict_of(certify(as_root)), Verdict::bad_value);
  EXPECT_EQ(verdict_of(certify_issuer(root(), content(asked.path), kYear, test_passphrase(),
                                      system_env())),
            Verdict::element_locked);
  // None outlives the root.
  const auto longest = must(certify(content(asked.path), Duration(kYear.value() * 40)));
  EXPECT_EQ(
      longest.validity().not_after,
      must(read_certificate(root() + "/authority/root.pem", system_env())).validity().not_after);
}

TEST_F(Ceremony, AnInstallationThatWasInterruptedIsFinishedByAnother) {
  const auto issuing = must(certify(content(request().path)));
  must(install(issuing));
  const Bytes before = content(node() + "/tls/peer.pem");
  std::filesystem::remove(node() + "/authority/cmp.pem");
  std::filesystem::remove(node() + "/consensus-1/tls/peer.pem");
  std::filesystem::remove(node() + "/authority/issuing.pem");
  EXPECT_EQ(verdict_of(open()), Verdict::file_failed);
  must(install(issuing));
  EXPECT_EQ(content(node() + "/tls/peer.pem"), before) << "a key is certified once";
  EXPECT_TRUE(leads_to_root(node() + "/authority/cmp.pem"));
  EXPECT_TRUE(leads_to_root(node() + "/consensus-1/tls/peer.pem", CertificateUsage::node));
}

TEST_F(Ceremony, AKeyIsInstalledWithOneCertificate) {
  const auto asked = request();
  const auto issuing = must(certify(content(asked.path)));
  must(install(issuing));
  EXPECT_EQ(verdict_of(install(must(certify(content(asked.path))))), Verdict::conflict);
  must(install(issuing));
  EXPECT_EQ(must(installed_issuers(node(), system_env())).front().certificate, issuing);
  // A list for it that would have to end again is none.
  const auto key = must(open_key(root(), "root", root_passphrase(), system_env()));
  const Millis now(system_env().now().value() / 1000 * 1000);
  const auto suspends = must(pki::build_revocation_list(
      {.number = 1,
       .this_update = now,
       .next_update = now + kYear,
       .revoked = {{issuing.serial(), now, pki::RevocationReason::hold}}},
      must(read_certificate(root() + "/authority/root.pem", system_env())),
      element::signer_of(*key)));
  EXPECT_EQ(
      verdict_of(install_root_list(node(), to_bytes(as_bytes(suspends.to_pem())), system_env())),
      Verdict::bad_value);
}

TEST_F(Ceremony, ARootsFolderIsNotMadeANodesAndKeepsItsKey) {
  EXPECT_EQ(
      verdict_of(create_data_folder(root(), {.name = "test"}, root_passphrase(), system_env())),
      Verdict::file_failed);
  // Whose certificate was lost has its key still.
  const auto before = must(open_key(root(), "root", root_passphrase(), system_env()));
  std::filesystem::remove(root() + "/authority/root.pem");
  const auto again = must(create_root(root(), {.name = "test"}, root_passphrase(), system_env()));
  EXPECT_EQ(again.public_key(), before->public_key());
}

TEST(SetUp, ThatFailedIsStartedOverWithAllThatItCertified) {
  const FolderForTest folder;
  const std::string node = folder / "node";
  SetupOptions options{.name = "first",
                       .chains = 0,
                       .consensus = 1,
                       .assets = {{AssetId(978), "EUR", 2, Amount(1)}},
                       .treasury = {},
                       .host_names = {}};
  EXPECT_FALSE(create_data_folder(node, options, test_passphrase(), system_env()));
  EXPECT_TRUE(std::filesystem::exists(node + "/tls/peer.pem")) << "it failed late";
  options.name = "second";
  options.chains = 1;
  must(create_data_folder(node, options, root_passphrase(), system_env()));
  const auto own = must(own_certificates(node, system_env()));
  ASSERT_EQ(own.size(), 5U);
  for (const auto& each : own) {
    EXPECT_EQ(each.subject().organization, "second");
    EXPECT_TRUE(pki::validate_path(each, {{own[1]}, {own[0]}, {}}, {.at = system_env().now()}));
  }
  EXPECT_TRUE(Node::open(node, root_passphrase(), system_env()).has_value());
}

TEST_F(Ceremony, WhatTheRootRevokedIssuesNothingMore) {
  const auto next = [&] {
    const auto issuing = must(certify(content(request().path)));
    must(install(issuing));
    return issuing;
  };
  const auto revoke = [&](const pki::Certificate& certificate) {
    return must(revoke_issuer(root(), pem_of(certificate), pki::RevocationReason::key_compromise,
                              root_passphrase(), system_env()));
  };
  const auto install_list = [&](const pki::RevocationList& list) {
    return install_root_list(node(), to_bytes(as_bytes(list.to_pem())), system_env());
  };
  const auto first = next();
  const auto second = next();
  const auto list = revoke(second);
  ASSERT_EQ(list.content().revoked.size(), 1U);
  EXPECT_EQ(list.content().revoked.front().serial, second.serial());
  EXPECT_EQ(verdict_of(revoke_issuer(root(), pem_of(second), pki::RevocationReason::unspecified,
                                     root_passphrase(), system_env())),
            Verdict::certificate_revoked);
  must(install_list(list));
  {
    const auto opened = must(open());
    opened->start();
    EXPECT_EQ(opened->authority().issuing(), first) << "the one before issues again";
    EXPECT_EQ(opened->authority().issuers().named("issuing-2")->state, IssuerState::revoked);
    expect_recorded(*opened);
    EXPECT_EQ(opened->authority().logged(first)->status, ledger::KeyStatus::active);
    const auto is_revoked = [&] {
      return opened->authority().logged(second)->status == ledger::KeyStatus::revoked;
    };
    while (!is_revoked()) std::this_thread::yield();
    const auto row = opened->authority().logged(second);
    EXPECT_EQ(row->reason, pki::RevocationReason::key_compromise);
    EXPECT_EQ(must(opened->status_desk().list("root")).der(), list.der());
    EXPECT_TRUE(opened->status_desk().list("issuing-2").has_value());
  }
  EXPECT_EQ(verdict_of(install(second)), Verdict::certificate_revoked);

  const auto both = revoke(first);
  EXPECT_EQ(both.content().revoked.size(), 2U);
  EXPECT_GT(both.content().number, list.content().number);
  must(install_list(both));
  EXPECT_EQ(verdict_of(install_list(list)), Verdict::conflict) << "an older one";
  EXPECT_EQ(verdict_of(open()), Verdict::certificate_revoked);
  const auto third = next();
  EXPECT_EQ(must(open())->authority().issuing(), third);

  // The same again, renewed; another root's is nothing here.
  const auto renewed = must(revoke_issuer(root(), {}, pki::RevocationReason::unspecified,
                                          root_passphrase(), system_env()));
  EXPECT_EQ(renewed.content().revoked, both.content().revoked);
  EXPECT_GT(renewed.content().number, both.content().number);
  const std::string elsewhere = folder_ / "elsewhere";
  must(create_root(elsewhere, {.name = "test"}, root_passphrase(), system_env()));
  EXPECT_EQ(
      verdict_of(install_list(must(revoke_issuer(elsewhere, {}, pki::RevocationReason::unspecified,
                                                 root_passphrase(), system_env())))),
      Verdict::bad_signature);
}

TEST_F(Ceremony, AnotherTlsKeyIsForClientsAlone) {
  must(install(must(certify(content(request().path)))));
  const auto before = must(read_certificate(node() + "/tls/certificate.pem", system_env()));
  const Bytes shown = content(node() + "/tls/peer.pem");
  EXPECT_EQ(verdict_of(renew_tls(node(), {}, root_passphrase(), system_env())),
            Verdict::element_locked);
  const auto made = must(renew_tls(node(), {"node.example"}, test_passphrase(), system_env()));
  EXPECT_NE(made.public_key(), before.public_key());
  EXPECT_EQ(must(read_certificate(node() + "/tls/certificate.pem", system_env())), made);
  EXPECT_EQ(content(node() + "/tls/peer.pem"), shown);
  EXPECT_TRUE(open().has_value());
}

// A node whose root is in its folder, as `init` makes it without more.
class Rotation : public ::testing::Test {
 protected:
  pki::Certificate rotate() {
    const auto asked = must(request_issuer(node_.folder(), {}, test_passphrase(), system_env()));
    const auto issuing = must(certify_issuer(node_.folder(), content(asked.path), kYear,
                                             test_passphrase(), system_env()));
    return must(install_issuer(node_.folder(), pem_of(issuing), test_passphrase(), system_env()))
        .certificate;
  }
  pki::Certificate enrol(const std::string& name) {
    keys_.push_back(element::make_passing_key());
    return must(
        node_.enrol(node_.login(name, *keys_.back()), CertificateUsage::holder, *keys_.back()));
  }
  bool leads_to_root(const pki::Certificate& certificate) {
    auto authorities = node_->authority().issuers().certificates();
    const auto root = authorities.back();
    authorities.pop_back();
    return pki::validate_path(certificate, {authorities, {root}, {}}, {.at = system_env().now()})
        .has_value();
  }
  // The serials in the list of an issuer, by its key.
  std::vector<SerialNumber> listed(const std::string& name) {
    const auto list = must(node_->status_desk().list(name));
    const auto* issuer = node_->authority().issuers().named(name);
    EXPECT_TRUE(pki::verify_revocation_list(list, issuer->certificate).has_value());
    std::vector<SerialNumber> out;
    for (const auto& each : list.content().revoked) out.push_back(each.serial);
    return out;
  }
  void revoke(const pki::Certificate& certificate) {
    must(node_->authority().set_status(certificate.key_hash(), ledger::KeyStatus::revoked,
                                       pki::RevocationReason::cessation));
  }

  NodeForTest node_;
  std::vector<std::unique_ptr<element::SecureElement>> keys_;
};

TEST_F(Rotation, TheNextKeySignsFromTheNextStartOnAndTheOneBeforeGoesOnSayingWhatBecameOfItsOwn) {
  const auto old = node_->authority().issuing();
  const auto before = enrol("before");
  const auto next = rotate();
  EXPECT_NE(next.subject(), old.subject()) << "lists are told apart by their issuer's name";
  const auto between = enrol("between");
  EXPECT_EQ(between.issuer(), old.subject()) << "it runs with the old one";
  node_.reopen();
  EXPECT_EQ(node_->authority().issuing(), next);
  const auto after = enrol("after");
  EXPECT_EQ(after.issuer(), next.subject());
  for (const auto& each : {before, between, after}) EXPECT_TRUE(leads_to_root(each));

  revoke(before);
  revoke(after);
  EXPECT_EQ(listed("issuing"), std::vector{before.serial()});
  EXPECT_EQ(listed("issuing-2"), std::vector{after.serial()});
  EXPECT_EQ(must(node_->status_desk().list()).issuer(), next.subject()) << "the current one's";
  EXPECT_EQ(verdict_of(node_->status_desk().list("issuing-3")), Verdict::unknown_route);

  // A third one, with a certificate of the first renewed under it.
  rotate();
  node_.reopen();
  const auto renewed_key = element::make_passing_key();
  const auto renewed = must(node_->authority().renew(between.key_hash(), Ticket{"renewal", {}},
                                                     renewed_key->public_key()));
  EXPECT_EQ(renewed.issuer().common_name, "test issuing 3");
  EXPECT_EQ(listed("issuing").size(), 2U) << "superseded";
  EXPECT_EQ(node_->authority().issuers().all().size(), 3U);
}

// The thief of an issuing key made nothing that is in the books.
TEST_F(Rotation, WhoIsInTheBooksRenewsThoughTheRootRevokedTheIssuer) {
  const auto old = node_->authority().issuing();
  const auto one = enrol("one");
  const auto other = enrol("other");
  rotate();
  must(revoke_issuer(node_.folder(), pem_of(old), pki::RevocationReason::key_compromise,
                     test_passphrase(), system_env()));
  node_.reopen();
  EXPECT_EQ(verdict_of(node_->authority().check_standing(one)), Verdict::certificate_revoked);
  EXPECT_EQ(node_->authority().standing_of(one)->reason, pki::RevocationReason::key_compromise);
  EXPECT_EQ(node_->authority().logged(one)->status, ledger::KeyStatus::active);
  const auto key = element::make_passing_key();
  const auto renewed =
      must(node_->authority().renew(one.key_hash(), Ticket{"renewal", {}}, key->public_key()));
  EXPECT_TRUE(node_->authority().check_standing(renewed).has_value());
  EXPECT_EQ(renewed.account(), one.account());

  // What the main chain heard once holds without the list.
  const auto is_recorded = [&] {
    return node_->authority().logged(old)->status == ledger::KeyStatus::revoked;
  };
  while (!is_recorded()) std::this_thread::yield();
  node_.close();
  std::filesystem::remove(node_.folder() + "/authority/root.crl");
  node_.open();
  EXPECT_EQ(verdict_of(node_->authority().check_standing(other)), Verdict::certificate_revoked);
}

TEST_F(Rotation, AMistypedPassphraseMakesNoKeys) {
  EXPECT_EQ(verdict_of(request_issuer(node_.folder(), {}, root_passphrase(), system_env())),
            Verdict::element_locked);
  for (const auto* name : {"issuing-2", "cmp-2", "peer-2"}) {
    EXPECT_FALSE(has_key(node_.folder(), name));
  }
}

TEST_F(Rotation, ACertificateDoesNotOutliveItsIssuer) {
  const auto asked = must(request_issuer(node_.folder(), {}, test_passphrase(), system_env()));
  const auto brief = must(certify_issuer(node_.folder(), content(asked.path), seconds(3600),
                                         test_passphrase(), system_env()));
  must(install_issuer(node_.folder(), pem_of(brief), test_passphrase(), system_env()));
  node_.reopen();
  EXPECT_EQ(enrol("one").validity().not_after, brief.validity().not_after);
}

TEST_F(Rotation, WithoutTheOldKeyNothingIsSaidOfItsCertificatesAndWithoutTheNewOneNothingStarts) {
  const auto before = enrol("before");
  rotate();
  node_.close();
  std::filesystem::remove(node_.folder() + "/keys/issuing.key");
  node_.open();
  EXPECT_TRUE(leads_to_root(before));
  EXPECT_EQ(verdict_of(node_->status_desk().list("issuing")), Verdict::unknown_route);
  EXPECT_TRUE(listed("issuing-2").empty());
  node_.close();
  std::filesystem::remove(node_.folder() + "/keys/issuing-2.key");
  EXPECT_EQ(verdict_of(Node::open(node_.folder(), test_passphrase(), system_env())),
            Verdict::unknown_element);
}

}  // namespace
}  // namespace intaglio::service
