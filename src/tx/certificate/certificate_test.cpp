#include "tx/certificate/certificate.h"

#include <gtest/gtest.h>

#include "tx/world_for_test.h"

namespace intaglio::tx {
namespace {

RegisterKey registration(World& world, const std::string& who, ledger::Role role) {
  return {.key = world.key(who),
          .role = role,
          .valid_from = kStart,
          .valid_until = kStart + seconds(1000),
          .certificate = {},
          .account = {}};
}

TEST(RegisterKey, OpensAnAccountForACertifiedHolder) {
  World world;
  EXPECT_EQ(world.run("authority", {registration(world, "dora", ledger::Role::holder)}),
            "accepted");
  EXPECT_EQ(world.run("alice", {world.pay("dora", 5)}), "accepted");
  EXPECT_EQ(world.run("dora", {world.pay("alice", 5)}), "accepted");
}

TEST(RegisterKey, IsForTheAuthorityAlone) {
  World world;
  EXPECT_EQ(world.run("alice", {registration(world, "dora", ledger::Role::holder)}),
            "not_capable operations[0].register_key");
  EXPECT_EQ(world.run("service", {registration(world, "dora", ledger::Role::holder)}),
            "not_capable operations[0].register_key");
}

TEST(RegisterKey, MakesNoSecondAuthorityAndRegistersNoKeyTwice) {
  World world;
  EXPECT_EQ(world.run("authority", {registration(world, "dora", ledger::Role::authority)}),
            "bad_value operations[0].role");
  EXPECT_EQ(world.run("authority", {registration(world, "alice", ledger::Role::holder)}),
            "key_exists operations[0].key");
}

TEST(RegisterKey, BindsADisplayToAnAccountThatExists) {
  World world;
  auto display = registration(world, "till", ledger::Role::display);
  EXPECT_EQ(world.run("authority", {display}), "missing_field operations[0].account");
  display.account = world.account("nobody");
  EXPECT_EQ(world.run("authority", {display}), "unknown_account operations[0].account");
  display.account = world.account("bob");
  EXPECT_EQ(world.run("authority", {display}), "accepted");
  const auto row = world.state().find<ledger::DisplayRow>(world.key("till").hash());
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->account, world.account("bob"));
}

TEST(RegisterKey, ValidityIsJudgedByBlockTime) {
  World world;
  auto late = registration(world, "dora", ledger::Role::holder);
  late.valid_from = kStart + seconds(100);
  world.run("authority", {late});
  world.run("alice", {world.pay("dora", 5)});
  EXPECT_EQ(world.run("dora", {world.pay("alice", 1)}), "key_not_valid_now");
  world.wait(seconds(100));
  EXPECT_EQ(world.run("dora", {world.pay("alice", 1)}), "accepted");
  world.wait(seconds(1000));
  EXPECT_EQ(world.run("dora", {world.pay("alice", 1)}), "key_not_valid_now");
}

TEST(RevokeKey, EndsAKeysRightsForGood) {
  World world;
  EXPECT_EQ(world.run("bob", {RevokeKey{world.key("alice").hash()}}),
            "not_capable operations[0].revoke_key");
  EXPECT_EQ(world.run("authority", {RevokeKey{world.key("alice").hash()}}), "accepted");
  EXPECT_EQ(world.run("alice", {world.pay("bob", 1)}), "key_revoked");
  EXPECT_EQ(world.run("authority", {RevokeKey{world.key("alice").hash()}}),
            "key_revoked operations[0].key");
  EXPECT_EQ(world.run("authority", {RevokeKey{world.key("nobody").hash()}}),
            "unknown_key operations[0].key");
  EXPECT_EQ(world.run("authority", {RevokeKey{world.key("authority").hash()}}),
            "not_capable operations[0].key");
}

}  // namespace
}  // namespace intaglio::tx
