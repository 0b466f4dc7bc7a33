// Stones known again, by the commands on files.
#include "cli/stone_for_test.h"
#include "codec/hex.h"
#include "stone/fingerprint.h"

namespace intaglio::cli {
namespace {

using StoneMatch = StoneForTest;

TEST_F(StoneMatch, AFingerprintIsWrittenOpenAndClosed) {
  write_mesh("rough.stl", stone::octahedron(5));
  const auto made = run({"fingerprint", path("rough.stl"), "--device", "bench 7", "--out",
                         path("open"), "--closed", path("closed"), "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto open = must(stone::decode_fingerprint(as_bytes(read("open"))));
  const auto closed = must(stone::decode_fingerprint(as_bytes(read("closed"))));
  EXPECT_EQ(made.at("mesh"), codec::to_hex(open.mesh));
  EXPECT_EQ(open.device, "bench 7");
  EXPECT_EQ(stone::closed(open), closed);
  EXPECT_TRUE(stone::descriptor_in(open));
  // Another salt each time, so that nobody sees by it that two are of one stone.
  const auto again = run({"fingerprint", path("rough.stl"), "--json"});
  EXPECT_EQ(again.at("mesh"), made.at("mesh"));
  EXPECT_NE(again.at("commitment"), made.at("commitment"));
  EXPECT_NE(run({"fingerprint", path("rough.stl")}).out.find("mesh       6bc1ba44"),
            std::string::npos);
  EXPECT_EQ(run({"fingerprint", path("rough.stl"), "--device", std::string(600, 'x'), "--json"})
                .verdict(),
            "too_large");
}

TEST_F(StoneMatch, TwoScansAreComparedInThreeValues) {
  const auto lump = stone::scan_like(4, 0.05, 8);
  write_mesh("one.stl", lump);
  write_mesh("two.stl", stone::moved(lump, stone::rotation({1, 2, 0.4}), {30, 0, -8}));
  // Longer and thinner: neither could have been cut from the other.
  auto other = stone::scan_like(4, 0.05, 9);
  for (stone::Vec3& corner : other.corners) corner = {2 * corner.x, 0.7 * corner.y, 0.7 * corner.z};
  write_mesh("other.stl", other);
  write_mesh("small.stl", stone::octahedron(1));
  const auto match = [&](const char* second, std::vector<std::string> more) {
    std::vector<std::string> words = {"match", path("one.stl"), path(second)};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const auto same = match("two.stl", {"--json"});
  ASSERT_EQ(same.code, 0) << same.err;
  EXPECT_EQ(same.at("answer"), "matched");
  EXPECT_LT(must(same.json().uint_at("mismatch")), 10U);
  EXPECT_EQ(match("other.stl", {"--json"}).at("answer"), "not_matched");
  const auto small = match("small.stl", {"--json"});
  EXPECT_EQ(small.at("answer"), "not_comparable");
  EXPECT_TRUE(match("two.stl", {}).out.starts_with("matched: they differ by no more"));
  EXPECT_EQ(match("two.stl", {"--tolerance", "0", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(match("two.stl", {"--tolerance", "x", "--json"}).verdict(), "bad_usage");
}

TEST_F(StoneMatch, AStoneIsFoundAmongTheScansOfAFolder) {
  std::filesystem::create_directory(path("lot"));
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    write_mesh("lot/" + std::to_string(seed) + ".stl", stone::scan_like(2, 0.05, seed));
  }
  write("lot/torn.obj", "v 0 0 0\n");
  write_mesh("mine.stl",
             stone::moved(stone::scan_like(2, 0.05, 3), stone::rotation({1, 1, 2}), {}));
  const auto found = run({"find", path("mine.stl"), path("lot"), "--most", "2", "--json"});
  ASSERT_EQ(found.code, 0) << found.err;
  const auto json = found.json();
  ASSERT_EQ(json.items()->size(), 2U);
  EXPECT_EQ(must((*json.items())[0].text_at("scan")), "3.stl");
  EXPECT_EQ(must((*json.items())[0].text_at("answer")), "matched");
  EXPECT_EQ(must((*json.items())[1].text_at("answer")), "not_matched");
  EXPECT_NE(run({"find", path("mine.stl"), path("lot"), "--most", "1"}).out.find("torn.obj"),
            std::string::npos);
}

TEST_F(StoneMatch, APolishedStoneIsLaidInItsRough) {
  write_mesh("rough.stl", stone::octahedron(5));
  ASSERT_EQ(run({"plan", path("rough.stl"), "--design", "round", "--gap", "3", "--allowance", "30",
                 "--out", path(""), "--json"})
                .code,
            0);
  // The stone as planned, somewhere else; and one and a half times as large.
  const auto stone_mesh = must(stone::read_mesh(as_bytes(read("stone.stl"))));
  const auto turned = stone::moved(stone_mesh, stone::rotation({0.2, 1, -2}), {3, 50, 0});
  auto large = turned;
  for (auto& corner : large.corners) corner = 1.5 * corner;
  write_mesh("polished.stl", turned);
  write_mesh("large.stl", large);
  const auto polished = [&](const char* scan) {
    return run({"polished", path("plan.cbor"), path("plan.proof"), path("rough.stl"), path(scan),
                "--json"});
  };
  const auto fits = polished("polished.stl");
  ASSERT_EQ(fits.code, 0) << fits.err;
  EXPECT_EQ(fits.at("answer"), "matched");
  EXPECT_EQ(fits.at("reason"), "as_planned");
  EXPECT_EQ(must(fits.json().uint_at("protrusion")), 0U);
  const auto not_from_it = polished("large.stl");
  EXPECT_EQ(not_from_it.at("answer"), "not_matched");
  EXPECT_EQ(not_from_it.at("reason"), "nowhere");
  // The search ends when it is proven, so this is no more than a bound.
  EXPECT_LT(must(not_from_it.json().uint_at("size_bound")), 980'000U);
  write_mesh("rough.stl", stone::octahedron(5.1));
  EXPECT_EQ(polished("polished.stl").verdict(), "other_inputs");
}

}  // namespace
}  // namespace intaglio::cli
