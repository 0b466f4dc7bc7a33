// The commands of `intaglio stone` on files, as a user calls them.
#include "cli/stone_for_test.h"

namespace intaglio::cli {
namespace {

using Stone = StoneForTest;

TEST_F(Stone, APlanIsMadeShownAndVerifiedFromItsFiles) {
  write_mesh("rough.stl", stone::octahedron(5));
  const auto made =
      run({"plan", path("rough.stl"), "--design", "round", "--design", "princess",
           "--sample-prices", "--colour", "F", "--clarity", "VS2", "--out", path(""), "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_LE(must(made.json().uint_at("gap")), 10'000U);
  EXPECT_EQ(made.at("colour"), "F");

  const auto verified = run({"verify", path("plan.cbor"), path("plan.proof"), path("rough.stl"),
                             "--sample-prices", "--json"});
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_GT(must(verified.json().uint_at("leaves")), 100U);

  const auto shown = run({"show", path("plan.cbor"), "--json"});
  EXPECT_EQ(shown.out, made.out);
  EXPECT_EQ(must(codec::parse_json(read("plan.json"))), made.json());
  EXPECT_NE(run({"show", path("plan.cbor")}).out.find("SAMPLE PRICES"), std::string::npos);

  // The stone's mesh is a body that weighs what the plan says.
  const auto stone_mesh = run({"check", path("stone.stl"), "--json"});
  ASSERT_EQ(stone_mesh.code, 0) << stone_mesh.err;
  const auto weight = must(stone_mesh.json().uint_at("weight"));
  const auto said = must(made.json().find("stone")->uint_at("weight"));
  EXPECT_NEAR(static_cast<double>(weight), static_cast<double>(said),
              1e-5 * static_cast<double>(said));
}

TEST_F(Stone, APlanThatWasSpoiledIsRefused) {
  write_mesh("rough.stl", stone::octahedron(5));
  write_mesh("other.stl", stone::octahedron(5.1));
  ASSERT_EQ(run({"plan", path("rough.stl"), "--design", "asscher", "--gap", "5", "--out", path(""),
                 "--json"})
                .code,
            0);
  const auto verify = [&](const std::string& rough) {
    return run({"verify", path("plan.cbor"), path("plan.proof"), path(rough), "--json"});
  };
  EXPECT_EQ(verify("rough.stl").code, 0);
  EXPECT_EQ(verify("other.stl").verdict(), "other_inputs");
  EXPECT_EQ(verify("other.stl").code, 3);
  std::string proof = read("plan.proof");
  proof[proof.size() / 2] ^= 1;
  write("plan.proof", proof);
  EXPECT_EQ(verify("rough.stl").verdict(), "other_inputs");
  write("plan.cbor", read("plan.cbor").substr(0, 50));
  EXPECT_EQ(verify("rough.stl").verdict(), "truncated");
}

TEST_F(Stone, TheSameCellsGiveTheSamePlanOnAnyNumberOfThreads) {
  write_mesh("rough.stl", stone::octahedron(4));
  const auto plan = [&](const std::string& threads) {
    return run({"plan", path("rough.stl"), "--design", "emerald", "--gap", "0.01", "--cells",
                "3000", "--threads", threads, "--json"});
  };
  const auto one = plan("1");
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(plan("5").out, one.out);
}

TEST_F(Stone, AScanIsLookedAtAndWeighed) {
  write_mesh("rough.stl", stone::cube(5));
  const auto looked = run({"check", path("rough.stl"), "--weight", "17.5", "--json"});
  EXPECT_EQ(looked.code, 0) << looked.err;
  EXPECT_EQ(must(looked.json().uint_at("weight")), 17'600'000U);
  EXPECT_EQ(must(looked.json().uint_at("welded")), 28U);
  const auto ruby =
      run({"check", path("rough.stl"), "--material", "ruby", "--weight", "17.5", "--json"});
  EXPECT_EQ(ruby.verdict(), "weight_differs");
  EXPECT_EQ(run({"check", path("rough.stl"), "--gravity", "x", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(run({"check", path("gone.stl"), "--json"}).verdict(), "file_failed");
}

TEST_F(Stone, WhatIsWrongWithAnInputIsSaidWithItsPlace) {
  write("open.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
  EXPECT_EQ(run({"check", path("open.obj"), "--json"}).verdict(), "mesh_open");
  write("two.obj",
        "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 3 1 4\n"
        "v 5 0 0\nv 6 0 0\nv 5 1 0\nv 5 0 1\nf 5 7 6\nf 5 6 8\nf 6 7 8\nf 7 5 8\n");
  EXPECT_EQ(run({"check", path("two.obj"), "--json"}).verdict(), "mesh_in_pieces");
  write("gap.csv",
        "shape,colour,clarity,from,to,per_carat\nround,G,VS1,0.3,0.4,1\nround,G,VS1,0.5,,1\n");
  const auto gap = run({"prices", "--prices", path("gap.csv")});
  EXPECT_EQ(gap.code, 3);
  EXPECT_NE(gap.err.find("prices_gap at round G VS1: 0.40 to 0.50 ct"), std::string::npos)
      << gap.err;
  write("twice.csv",
        "shape,colour,clarity,from,to,per_carat\nround,G,VS1,0.3,0.4,1\nround,G,VS1,0.35,,1\n");
  EXPECT_EQ(run({"prices", "--prices", path("twice.csv"), "--json"}).verdict(), "prices_overlap");
  write_mesh("rough.stl", stone::octahedron(5));
  EXPECT_EQ(
      run({"plan", path("rough.stl"), "--sample-prices", "--colour", "Z", "--json"}).verdict(),
      "unpriced");
  EXPECT_EQ(run({"plan", path("rough.stl"), "--design", "heart", "--json"}).verdict(), "bad_value");
  auto dented = stone::geodesic(2);
  dented.corners[7] = 0.9 * dented.corners[7];
  write_mesh("dented.stl", dented);
  EXPECT_EQ(run({"designs", "--design", "round@" + path("dented.stl"), "--json"}).verdict(),
            "design_not_convex");
  write("open.asc", "GemCad 5.0\ng 96 0.0\na 41 1 96 48\n");
  EXPECT_EQ(run({"designs", "--design", "round@" + path("open.asc"), "--json"}).verdict(),
            "design_open");
}

TEST_F(Stone, DesignsOfOthersArePlannedToo) {
  write("square.asc",
        "GemCad 5.0\ng 96 0.0\nH square\na 90 1.0 96 24 48 72\na -45 0.75 96 24 48 72\n"
        "a 30 0.75 96 24 48 72\na 0 0.45 96\n");
  write_mesh("rough.stl", stone::cube(4));
  const auto made = run({"plan", path("rough.stl"), "--design", "square@" + path("square.asc"),
                         "--gap", "3", "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(must((*made.json().find("designs")->items())[0].text_at("shape")), "square");
}

// Each file again from the others, to the byte.
TEST_F(Stone, APlanIsDrawnAndReported) {
  write_mesh("rough.stl", stone::octahedron(5));
  ASSERT_EQ(run({"plan", path("rough.stl"), "--design", "round", "--gap", "3", "--sample-prices",
                 "--out", path(""), "--json"})
                .code,
            0);
  const auto again = [&](const std::string& command, std::vector<std::string> more) {
    std::vector<std::string> words = {command, path("plan.cbor"), path("plan.proof"),
                                      path("rough.stl")};
    words.insert(words.end(), more.begin(), more.end());
    words.emplace_back("--json");
    return run(words);
  };
  ASSERT_EQ(again("picture", {"--out", path("again.png")}).code, 0);
  EXPECT_EQ(read("again.png"), read("stone.png"));
  ASSERT_EQ(again("picture", {"--out", path("again.glb")}).code, 0);
  EXPECT_EQ(read("again.glb"), read("plan.glb"));
  ASSERT_EQ(again("report", {"--sample-prices", "--out", path("again.html")}).code, 0);
  EXPECT_EQ(read("again.html"), read("report.html"));

  EXPECT_EQ(again("picture", {"--out", path("again.jpg")}).verdict(), "bad_usage");
  EXPECT_EQ(again("report", {"--out", path("again.html")}).verdict(), "other_inputs");
  write_mesh("rough.stl", stone::octahedron(5.1));
  EXPECT_EQ(again("picture", {"--out", path("other.png")}).verdict(), "other_inputs");
  EXPECT_EQ(again("report", {"--sample-prices", "--out", path("other.html")}).verdict(),
            "other_inputs");
}

TEST_F(Stone, TheDemoWritesAPageThatLoadsNothing) {
  const auto made = run({"demo", "--out", path("demo.html"), "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_LE(must(made.json().uint_at("gap")), 30'000U);
  const std::string page = read("demo.html");
  EXPECT_NE(page.find("Sample prices."), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(page.find("http:"), std::string::npos);
  EXPECT_EQ(page.find("https:"), std::string::npos);
}

TEST_F(Stone, TheSampleListAndTheLibraryAreShown) {
  const auto prices = run({"prices"});
  EXPECT_TRUE(prices.out.starts_with("# name Sample list\n"));
  write("prices.csv", prices.out);
  EXPECT_EQ(run({"prices", "--prices", path("prices.csv")}).out, prices.out);
  const auto designs = run({"designs", "--json"});
  EXPECT_GE(designs.json().items()->size(), 11U);
  EXPECT_NE(run({"designs"}).out.find("proportions not proven"), std::string::npos);
}

}  // namespace
}  // namespace intaglio::cli
