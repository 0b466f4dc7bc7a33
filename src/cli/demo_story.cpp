#include "cli/demo_story.h"

#include "codec/emv_text.h"
#include "element/enrolment_applet.h"
#include "element/soft_element.h"

namespace intaglio::cli {

Result<Actor> DemoStory::actor(const std::string& name) {
  Home& home = session_.home();
  ASSIGN(const Secret* passphrase, session_.passphrase());
  Actor out{.name = name, .key = {}, .enrolled = {}, .payer = {}};
  if (home.key(name)) {
    ASSIGN(out.key, session_.key(name));
  } else {
    ASSIGN(const auto uri, home.new_key_uri(name));
    ASSIGN(out.key, element::create_key(uri, *passphrase, session_.env()));
    TRY(home.add_key(name, {uri, out.key->public_key(), session_.env().now()}));
  }
  const auto signer = element::signer_of(*out.key);
  out.payer = payer_on(kHomeChain, ledger_.ledger, signer);
  const auto known = node_.certificate(signer.key.hash());
  if (known) {
    TRY(home.remember(*known));
    return out;
  }
  // The login is the same key: who holds it may have it certified, and certify displays that pay
  // into its account.
  TRY(node_.add_login({.name = name,
                       .key = signer.key,
                       .usages = {pki::CertificateUsage::holder, pki::CertificateUsage::display},
                       .account = out.payer.address.account},
                      operator_));
  element::InProcessChannel channel(*out.key);
  ASSIGN(out.enrolled, enrol_account(node_, ledger_, {}, signer, channel, home));
  return out;
}

Result<Counter> DemoStory::counter(const std::string& name, Actor& shop) {
  Home& home = session_.home();
  ASSIGN(const Secret* passphrase, session_.passphrase());
  std::unique_ptr<element::PaymentCodeApplet> applet;
  auto stored = home.display(name);
  if (stored) {
    ASSIGN(applet, session_.applet(*stored));
  } else {
    ASSIGN(const auto uri, home.new_display_uri(name));
    ASSIGN(applet, element::PaymentCodeApplet::create({uri, home.display_folder()}, *passphrase,
                                                      applet_trust(ledger_), session_.env()));
    stored = StoredDisplay{.uri = uri,
                           .key = applet->public_key(),
                           .login = shop.name,
                           .merchant = {.name = "Kohvik Tuulik",
                                        .city = "Tallinn",
                                        .category = "5814",
                                        .country = "EE",
                                        .currency = ledger_.default_asset().id,
                                        .terminal = {}}};
    TRY(home.save_display(name, *stored));
  }
  ASSIGN(auto enrolment,
         enrol_display(node_, ledger_, element::signer_of(*shop.key), *applet, home));
  return Counter{name, std::move(applet), std::move(enrolment), *std::move(stored)};
}

Result<std::string> with_other_amount(std::string_view text, std::string_view amount) {
  constexpr unsigned kAmount = 54;
  constexpr unsigned kCrc = 63;
  ASSIGN(const auto parsed, codec::parse_emv_text(text));
  codec::EmvWriter out;
  for (const auto& object : parsed.objects().all()) {
    if (object.id == kCrc) continue;
    out.put(object.id, object.id == kAmount ? amount : object.value);
  }
  return out.finish();
}

Result<std::string> forged_code(const proof::PaymentCode& like, std::string_view guid) {
  const auto key = element::make_passing_key();
  proof::PaymentCode said = like;
  said.key = proof::KeyId::prefix_of(key->public_key().hash());
  ASSIGN(const auto information, proof::code_information(said, guid));
  ASSIGN(const auto signature, key->sign(proof::code_to_be_signed(information)));
  return proof::assemble_code(information, signature, guid);
}

}  // namespace intaglio::cli
