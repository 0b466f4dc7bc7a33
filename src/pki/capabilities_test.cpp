#include "pki/capabilities.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

Capabilities display_capabilities() {
  return {CertificateUsage::display,
          {Function::refund, Function::issue_code},
          {{AssetId(756), Amount(5)}, {AssetId(978), Amount(100000)}},
          true};
}

// A terminal in a part of Bern and one of Zurich, for restaurants and taxis.
Capabilities terminal_capabilities() {
  Capabilities out{CertificateUsage::terminal,
                   {Function::pay, Function::refund},
                   {{AssetId(756), Amount(50000)}, {AssetId(978), Amount(40000)}},
                   false};
  out.categories = {MerchantCategory(4121), MerchantCategory(5812)};
  out.offline = {{AssetId(756), Amount(5000)}};
  out.places = {"u0m70", "u0qj"};
  out.expires_at = kNow + kDay;
  return out;
}

TEST(CapabilitiesGolden, WithEveryField) {
  const Bytes bytes = encode_capabilities(terminal_capabilities());
  EXPECT_EQ(
      codec::to_hex(bytes),
      "a80102028201020382a2011902f40219c350a2011903d202199c4004f405821910191916b40681a2011902f4"
      "0219138807826575306d3730647530716a081b0000019b7c010400");
  EXPECT_EQ(must(decode_capabilities(bytes)), terminal_capabilities());
}

TEST(Capabilities, StandInACertificateAsTheyAre) {
  const TestAuthority authority;
  CertificateContent content = content_for(make_signer(), "terminal", CertificateUsage::terminal);
  content.capabilities = terminal_capabilities();
  EXPECT_EQ(authority.issue(content).capabilities(), terminal_capabilities());
}

TEST(Capabilities, AreReadOnlyInTheirOneOrder) {
  const Capabilities good = display_capabilities();
  EXPECT_EQ(must(decode_capabilities(encode_capabilities(good))), good);
  Capabilities twice = good;
  twice.ceilings[1].asset = twice.ceilings[0].asset;
  EXPECT_EQ(decode_capabilities(encode_capabilities(twice)).error(),
            (Refusal{Verdict::bad_value, "ceilings[1]"}));
  const auto refused = [](auto change) {
    Capabilities changed = terminal_capabilities();
    change(changed);
    return to_string(decode_capabilities(encode_capabilities(changed)).error());
  };
  const auto starts = [](const std::string& text, std::string_view with) {
    return text.starts_with(with);
  };
  EXPECT_TRUE(starts(refused([](auto& c) { std::swap(c.categories->at(0), c.categories->at(1)); }),
                     "bad_value at categories[1]"));
  EXPECT_TRUE(starts(refused([](auto& c) { c.offline->push_back(c.offline->front()); }),
                     "bad_value at offline[1]"));
  EXPECT_TRUE(
      starts(refused([](auto& c) { c.places->push_back("u0m70"); }), "bad_value at places[2]"));
}

TEST(Capabilities, WhatCouldBeLeftOutIsNotAnEmptyList) {
  Capabilities empty = terminal_capabilities();
  empty.categories->clear();
  EXPECT_EQ(check(empty).error(), (Refusal{Verdict::bad_value, "categories"}));
  empty = terminal_capabilities();
  empty.places->clear();
  EXPECT_EQ(check(empty).error(), (Refusal{Verdict::bad_value, "places"}));
  empty = terminal_capabilities();
  empty.offline->clear();
  EXPECT_EQ(check(empty).error(), (Refusal{Verdict::bad_value, "offline"}));
}

TEST(Capabilities, AreBounded) {
  Capabilities many = terminal_capabilities();
  many.categories->clear();
  for (std::uint16_t i = 0; i < kMaxCapabilityItems; ++i) {
    many.categories->emplace_back(i);
  }
  EXPECT_TRUE(check(many).has_value());
  many.categories->emplace_back(std::uint16_t{9999});
  EXPECT_EQ(check(many).error(), (Refusal{Verdict::too_large, "categories"}));
  many.categories = {MerchantCategory(10000)};
  EXPECT_EQ(check(many).error(), (Refusal{Verdict::bad_value, "categories"}));
  for (const char* cell : {"", "u0m7a", "U0M7", "0123456789bcd"}) {
    Capabilities elsewhere = terminal_capabilities();
    elsewhere.places = {cell};
    EXPECT_EQ(check(elsewhere).error(), (Refusal{Verdict::bad_value, "places"})) << cell;
  }
}

TEST(Capabilities, AllowNothingThatTheyDoNotName) {
  const Capabilities capabilities = display_capabilities();
  EXPECT_TRUE(allows(capabilities, Function::issue_code));
  EXPECT_FALSE(allows(capabilities, Function::pay));
  EXPECT_TRUE(allows(capabilities, Function::refund, {Amount(100000), AssetId(978)}));
  EXPECT_FALSE(allows(capabilities, Function::refund, {Amount(100001), AssetId(978)}));
  EXPECT_FALSE(allows(capabilities, Function::refund, {Amount(1), AssetId(840)}));
  EXPECT_FALSE(allows(capabilities, Function::pay, {Amount(1), AssetId(978)}));
}

TEST(Capabilities, EachBoundIsNamedWhenItIsNotMet) {
  const Capabilities capabilities = terminal_capabilities();
  const CapabilityUse good{.function = Function::pay,
                           .money = Money{Amount(5000), AssetId(756)},
                           .category = MerchantCategory(5812),
                           .place = "u0m70b",
                           .offline = true,
                           .at = kNow};
  EXPECT_TRUE(permit(capabilities, good).has_value());
  const auto bound = [&](auto change) -> std::string {
    CapabilityUse use = good;
    change(use);
    const auto permitted = permit(capabilities, use);
    if (permitted) return "none";
    EXPECT_EQ(permitted.error().verdict, Verdict::not_capable);
    return permitted.error().where;
  };
  EXPECT_EQ(bound([](auto& use) { use.function = Function::hold; }), "functions");
  EXPECT_EQ(bound([](auto& use) { use.money->asset = AssetId(840); }), "ceilings");
  EXPECT_EQ(bound([](auto& use) { use.money->amount = Amount(50001); }), "ceilings");
  EXPECT_EQ(bound([](auto& use) { use.money->amount = Amount(5001); }), "offline");
  EXPECT_EQ(bound([](auto& use) { use.money->asset = AssetId(978); }), "offline");
  EXPECT_EQ(bound([](auto& use) { use.category = MerchantCategory(5999); }), "categories");
  EXPECT_EQ(bound([](auto& use) { use.category.reset(); }), "categories");
  EXPECT_EQ(bound([](auto& use) { use.place = "u0m7"; }), "places");  // larger than the cell
  EXPECT_EQ(bound([](auto& use) { use.place = "u0m71"; }), "places");
  EXPECT_EQ(bound([](auto& use) { use.place.reset(); }), "places");
  EXPECT_EQ(bound([](auto& use) { use.at = kNow + kDay; }), "expires_at");
  EXPECT_EQ(bound([](auto& use) {
              use.offline = false;
              use.money->amount = Amount(50000);
            }),
            "none");
}

TEST(Capabilities, WithoutFurtherBoundsBindByFunctionAndCeilingButNothingIsTakenOffline) {
  const Capabilities capabilities = display_capabilities();
  CapabilityUse use{
      .function = Function::refund, .money = Money{Amount(5), AssetId(756)}, .at = kNow};
  EXPECT_TRUE(permit(capabilities, use).has_value());
  use.offline = true;
  EXPECT_EQ(permit(capabilities, use).error(), (Refusal{Verdict::not_capable, "offline"}));
}

}  // namespace
}  // namespace intaglio::pki
