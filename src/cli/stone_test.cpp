// The commands of `intaglio stone` on files, as a user calls them.
#include <set>

#include "cli/stone_for_test.h"
#include "stone/families.h"

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

TEST_F(Stone, DentsAreBoundedWhenThatIsAskedFor) {
  write_mesh("rough.stl", stone::scan_like(3, 0.2, 2));
  const auto made = run({"plan", path("rough.stl"), "--design", "round table=57", "--gap", "1.5",
                         "--dents", "2000", "--out", path("")});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_NE(made.out.find("with dents: bounds are those of its hull and of "), std::string::npos)
      << made.out;
  EXPECT_NE(read("report.html").find("points in its dents, so the gap holds what the rest of the"),
            std::string::npos);
  EXPECT_EQ(run({"verify", path("plan.cbor"), path("plan.proof"), path("rough.stl")}).code, 0);
}

TEST_F(Stone, ProportionsMayBeLeftToThePlan) {
  write_mesh("rough.stl", stone::octahedron(5));
  const auto made = run({"plan", path("rough.stl"), "--design", "round table=53..57 crown=34..36",
                         "--gap", "2", "--out", path("")});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_NE(made.out.find("or of any round table=53..57 crown=34..36 pavilion=40.8"),
            std::string::npos)
      << made.out;
  EXPECT_EQ(run({"verify", path("plan.cbor"), path("plan.proof"), path("rough.stl")}).code, 0);
  EXPECT_EQ(run({"check", path("stone.stl")}).code, 0);
  EXPECT_NE(read("report.html").find("or of any round table=53..57"), std::string::npos);
  const auto verdict = [&](const std::vector<std::string>& arguments) {
    auto all = arguments;
    all.insert(all.end(), {"--design", "round table=53..57", "--json"});
    return run(all).verdict();
  };
  EXPECT_EQ(verdict({"designs"}), "bad_usage");
  EXPECT_EQ(verdict({"alternatives", path("rough.stl")}), "bad_usage");
  EXPECT_EQ(verdict({"saw", path("rough.stl")}), "bad_value");
  EXPECT_EQ(run({"plan", path("rough.stl"), "--design", "round star=40..50", "--json"}).verdict(),
            "bad_value");
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

// A crystal that costs clarity is kept where that is worth more, a crack never.
TEST_F(Stone, InclusionsAreAvoidedOrGradedFor) {
  write_mesh("rough.stl", stone::octahedron(5));
  write("crack.obj", "v -1.4 0.2 3.2\nv -1.5 0.2 3.2\nv -1.4 0.3 3.3\nf 1 2 3\n");
  write("inside.csv", "grade,crystal,VS2\nball,a,crystal,0,0,0,0.1\nmesh,b,crack,crack.obj\n");
  const std::vector<std::string> inclusions = {"--inclusions", path("inside.csv")};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), inclusions.begin(), inclusions.end());
    words.emplace_back("--json");
    return run(words);
  };
  const auto made = with({"plan", path("rough.stl"), "--design", "round table=57", "--gap", "8",
                          "--sample-prices", "--out", path("")});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto json = made.json();
  const auto& designs = *json.find("designs")->items();
  ASSERT_EQ(designs.size(), 2U);
  EXPECT_EQ(must(designs[0].text_at("clarity")), "VS1");
  EXPECT_EQ(must(designs[1].text_at("clarity")), "VS2");
  // The crystal is where the best stone would be: at the clarity that it costs.
  EXPECT_EQ(must(made.json().find("stone")->uint_at("design")), 1U);
  EXPECT_EQ(made.json().find("stone")->find("holds")->dump(), "[\"a\"]");

  const std::vector<std::string> files = {path("plan.cbor"), path("plan.proof"), path("rough.stl")};
  const auto of_plan = [&](const std::string& verb, std::vector<std::string> more) {
    std::vector<std::string> words = {verb};
    words.insert(words.end(), files.begin(), files.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  EXPECT_EQ(with(of_plan("verify", {"--sample-prices"})).code, 0);
  EXPECT_EQ(run(of_plan("verify", {"--sample-prices", "--json"})).verdict(), "other_inputs");
  ASSERT_EQ(with(of_plan("picture", {"--out", path("again.png")})).code, 0);
  EXPECT_EQ(read("again.png"), read("stone.png"));
  EXPECT_EQ(run(of_plan("picture", {"--out", path("again.png"), "--json"})).verdict(),
            "other_inputs");
  const std::string report = read("report.html");
  EXPECT_NE(report.find("VS2, holds a"), std::string::npos);
  EXPECT_NE(report.find("--inclusions INCLUSIONS"), std::string::npos);
  EXPECT_NE(run({"show", path("plan.cbor")}).out.find("clarity    VS2, holds a"),
            std::string::npos);

  // By weight the clarity is the one that is asked for.
  const auto heavy = with(
      {"plan", path("rough.stl"), "--design", "round table=57", "--gap", "8", "--clarity", "VS2"});
  ASSERT_EQ(heavy.code, 0) << heavy.err;
  EXPECT_EQ(heavy.json().find("designs")->items()->size(), 1U);

  write("inside.csv", "point,a,crystal,4,4,4\n");
  EXPECT_EQ(with({"plan", path("rough.stl")}).verdict(), "inclusion_outside");
  write("inside.csv", "mesh,a,crystal,gone.stl\n");
  EXPECT_EQ(with({"plan", path("rough.stl")}).verdict(), "file_failed");
  write("inside.csv", "grade,crystal,ZZ\npoint,a,crystal,0,0,0\n");
  EXPECT_EQ(with({"plan", path("rough.stl"), "--sample-prices"}).verdict(), "unpriced");
}

// Every side with its plan, the plane by the scan's own axes.
TEST_F(Stone, ARoughIsSawnInTwo) {
  write_mesh("rough.stl", stone::octahedron(4));
  const auto made = run({"saw", path("rough.stl"), "--design", "round table=57", "--direction",
                         "0,0,2", "--gap", "12", "--kerf", "50", "--out", path(""), "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(must(made.json().uint_at("kerf")), 50'000U);
  EXPECT_LE(must(made.json().uint_at("gap")), 120'000U);
  ASSERT_EQ(made.json().find("planned")->items()->size(), 2U);
  const auto verify = [&](const std::string& proof) {
    return run({"verify-saw", path("saw.cbor"), path(proof), path("rough.stl"), "--json"});
  };
  EXPECT_EQ(verify("saw.proof").code, 0);
  EXPECT_EQ(verify("below.proof").verdict(), "other_inputs");
  // Each side is a plan like any other.
  for (const std::string side : {"below", "above"}) {
    const auto one =
        run({"verify", path(side + ".cbor"), path(side + ".proof"), path("rough.stl"), "--json"});
    EXPECT_EQ(one.code, 0) << one.err;
  }
  EXPECT_EQ(must(codec::parse_json(read("saw.json"))), made.json());
  EXPECT_GT(read("saw.png").size(), 10'000U);
  EXPECT_EQ(run({"saw", path("rough.stl"), "--direction", "0,0", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(run({"saw", path("rough.stl"), "--direction", "0,0,0", "--json"}).verdict(),
            "bad_usage");
  EXPECT_EQ(run({"saw", path("rough.stl"), "--kerf", "x", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(run({"saw", path("rough.stl"), "--layer", "0,0,1,3", "--json"}).verdict(), "bad_usage");
  EXPECT_NE(run({"verify-saw", path("saw.cbor"), path("saw.proof"), path("rough.stl")})
                .out.find("across     (0.000000, 0.000000, 1.000000)"),
            std::string::npos);
}

TEST_F(Stone, PartsAreSawnAgain) {
  write_mesh("rough.stl", stone::octahedron(4));
  const auto saw = [&](const std::string& cuts) {
    return run({"saw", path("rough.stl"), "--design", "round table=57", "--direction", "0,0,1",
                "--gap", "15", "--planes", "8", "--cuts", cuts, "--out", path(""), "--json"});
  };
  const auto made = saw("2");
  ASSERT_EQ(made.code, 0) << made.err;
  const auto parts = made.json().find("planned")->items()->size();
  ASSERT_GT(parts, 2U);
  const auto verified = run({"verify-saw", path("saw.cbor"), path("saw.proof"), path("rough.stl")});
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_NE(verified.out.find("no 4 with planes across these directions"), std::string::npos);
  EXPECT_NE(verified.out.find("by weight: no 4 stones of these designs, however they are parted"),
            std::string::npos);
  for (std::size_t i = 1; i <= parts; ++i) {
    const std::string name = "part-" + std::to_string(i);
    EXPECT_EQ(run({"verify", path(name + ".cbor"), path(name + ".proof"), path("rough.stl")}).code,
              0);
  }
  EXPECT_EQ(saw("4").verdict(), "bad_usage");
  EXPECT_EQ(saw("0").verdict(), "bad_value");
}

TEST_F(Stone, APlaneCanBeLeftAloneAndAWeightAskedFor) {
  write("rough.stl",
        "v 5 2 3\nv -3 2 3\nv 1 6 3\nv 1 -2 3\nv 1 2 7\nv 1 2 -1\nf 1 3 5\nf 3 2 5\nf 2 4 5\n"
        "f 4 1 5\nf 3 1 6\nf 2 3 6\nf 4 2 6\nf 1 4 6\n");
  const auto plan = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"plan",           path("rough.stl"), "--design",
                                      "round table=57", "--gap",           "5"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  // The upper half, by the scan's own coordinates, where the middle is at z = 3.
  const auto half = plan({"--layer", "0,0,-1,-3", "--json"});
  ASSERT_EQ(half.code, 0) << half.err;
  EXPECT_EQ(half.json().find("layers")->dump(), "[[0,0,-1073741823,0]]");
  const auto whole = plan({"--json"});
  EXPECT_LT(must(half.json().find("stone")->uint_at("weight")),
            must(whole.json().find("stone")->uint_at("weight")));
  EXPECT_NE(plan({"--at-least", "0.4"}).out.find("0.40 ct    yes"), std::string::npos);
  const auto none = plan({"--at-least", "1"});
  EXPECT_NE(none.out.find("1.00 ct    proven no"), std::string::npos) << none.out;
  const auto hoped = plan({"--sample-prices", "--colour", "F-H", "--clarity", "VVS2"});
  EXPECT_NE(hoped.out.find("USD for H VVS2"), std::string::npos) << hoped.out;
  EXPECT_NE(hoped.out.find(" USD if it is F VVS2"), std::string::npos) << hoped.out;
  EXPECT_EQ(plan({"--sample-prices", "--colour", "H-F", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(plan({"--layer", "0,0,1", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(plan({"--at-least", "x", "--json"}).verdict(), "bad_value");
}

// The stone that was found is what the next one keeps clear of.
TEST_F(Stone, TheNextStoneIsLookedForInWhatIsLeft) {
  write_mesh("rough.stl", stone::octahedron(5));
  ASSERT_EQ(run({"plan", path("rough.stl"), "--design", "round table=57", "--gap", "5", "--out",
                 path(""), "--json"})
                .code,
            0);
  write("taken.csv", "mesh,first,stone,stone.stl\n");
  const auto next = run({"plan", path("rough.stl"), "--design", "round table=57", "--cells", "6000",
                         "--inclusions", path("taken.csv"), "--json"});
  ASSERT_EQ(next.code, 0) << next.err;
  ASSERT_NE(next.json().find("stone"), nullptr);
  EXPECT_EQ(next.json().find("stone")->find("holds")->dump(), "[]");
  EXPECT_GT(must(next.json().find("stone")->uint_at("weight")), 20'000U);
}

TEST_F(Stone, AlternativesEachHaveTheirBound) {
  write_mesh("rough.stl", stone::octahedron(4));
  const auto made =
      run({"alternatives", path("rough.stl"), "--design", "round table=57", "--design",
           "emerald ratio=1.4", "--gap", "5", "--sample-prices", "--out", path(""), "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto json = made.json();
  const auto& rows = *json.items();
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(must(rows[4].text_at("name")), "next stone");
  const std::vector<std::string> names = {"most value", "most weight", "round", "emerald"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(must(rows[i].text_at("name")), names[i]);
    EXPECT_LE(must(rows[i].find("plan")->uint_at("gap")), 50'000U);
  }
  EXPECT_EQ(run({"verify", path("most-weight.cbor"), path("most-weight.proof"), path("rough.stl"),
                 "--json"})
                .code,
            0);
  EXPECT_EQ(run({"verify", path("emerald.cbor"), path("emerald.proof"), path("rough.stl"),
                 "--sample-prices", "--json"})
                .code,
            0);
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

TEST_F(Stone, TheTablesAxisMayBeLimited) {
  write_mesh("rough.stl", stone::octahedron(5));
  const auto plan = [&](const std::string& axis) {
    return run({"plan", path("rough.stl"), "--design", "round", "--gap", "3", "--table-axis", axis,
                "--out", path("")});
  };
  const auto made = plan("1,1,1,10");
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_NE(made.out.find("table axis within 10.000 degrees of (0.577350, 0.577350, 0.577350)"),
            std::string::npos)
      << made.out;
  EXPECT_NE(read("report.html").find("whose table's axis is within 10.000"), std::string::npos);
  EXPECT_EQ(run({"verify", path("plan.cbor"), path("plan.proof"), path("rough.stl")}).code, 0);
  EXPECT_NE(plan("0,0,1,70,90").out.find("table axis 70.000 to 90.000 degrees from"),
            std::string::npos);
  for (const char* bad : {"0,0,1", "0,0,0,10", "0,0,1,91", "0,0,1,20,10", "0,0,1,10,10"}) {
    EXPECT_EQ(plan(bad).code, 2) << bad;
  }
}

TEST_F(Stone, OriginAndWhatIsKeptFromTheSurface) {
  write_mesh("rough.stl", stone::octahedron(5));
  const auto plan = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = {"plan", path("rough.stl"), "--design", "princess", "--gap",
                                    "5",    "--sample-prices", "--out",    path(""),   "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  };
  const auto natural = plan({});
  const auto treated = plan({"--origin", "treated"});
  ASSERT_EQ(treated.code, 0) << treated.err;
  EXPECT_EQ(treated.at("origin"), "treated");
  EXPECT_NE(read("report.html").find("treated"), std::string::npos);
  const auto value = [](const auto& ran) {
    return std::stod(must(ran.json().find("stone")->text_at("value")));
  };
  EXPECT_NEAR(value(treated) / value(natural), 0.55, 0.02);
  EXPECT_EQ(
      run({"verify", path("plan.cbor"), path("plan.proof"), path("rough.stl"), "--sample-prices"})
          .code,
      0);
  EXPECT_EQ(plan({"--origin", "glass"}).verdict(), "unpriced");
  const auto both = plan({"--allowance", "30", "--tolerance", "12.5"});
  EXPECT_EQ(must(both.json().uint_at("allowance")), 42'500U);
}

TEST_F(Stone, ThePlanWithoutDesignsTriesEachOfTheLibraryOnce) {
  write_mesh("rough.stl", stone::octahedron(5));
  const auto ran = run({"plan", path("rough.stl"), "--gap", "20", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto plan = ran.json();
  std::set<std::string> names;
  for (const auto& row : *plan.find("designs")->items()) {
    EXPECT_TRUE(names.insert(row.text_at("name").value()).second);
  }
  EXPECT_GE(names.size(), stone::families().size());
}

TEST_F(Stone, TheNextStoneIsBesideTheFirst) {
  write_mesh("rough.stl", stone::octahedron(5));
  const auto ran = run({"alternatives", path("rough.stl"), "--design", "asscher", "--gap", "5",
                        "--cells", "60000", "--sample-prices", "--out", path("")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("next stone"), std::string::npos) << ran.out;
  const std::vector<std::string> verify = {
      "verify",          path("next-stone.cbor"), path("next-stone.proof"),
      path("rough.stl"), "--sample-prices",       "--json"};
  EXPECT_EQ(run(verify).verdict(), "other_inputs");
  auto beside = verify;
  beside.insert(beside.end(), {"--beside", path("most-value.stl")});
  EXPECT_EQ(run(beside).code, 0) << run(beside).err;
  EXPECT_EQ(run({"report", path("next-stone.cbor"), path("next-stone.proof"), path("rough.stl"),
                 "--sample-prices", "--beside", path("most-value.stl"), "--out", path("r.html")})
                .code,
            0);
  EXPECT_NE(read("r.html").find("ROUGH --beside STONE --sample-prices"), std::string::npos);
}

TEST_F(Stone, ASawingIsDrawnAndReported) {
  write_mesh("rough.stl", stone::octahedron(5));
  const auto made = run({"saw", path("rough.stl"), "--design", "round table=57", "--sample-prices",
                         "--direction", "0,0,1", "--gap", "12", "--out", path("")});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_NE(read("saw.glb").find("saw 1"), std::string::npos);
  const std::string report = read("report.html");
  for (const char* text : {"2 stones in a rough of 2.933 ct", "Together", "One cut of 0.060 mm",
                           "intaglio stone verify-saw saw.cbor saw.proof ROUGH --sample-prices"}) {
    EXPECT_NE(report.find(text), std::string::npos) << text;
  }
  EXPECT_EQ(report.find("{{"), std::string::npos);
  const auto again = [&](const std::string& command, const std::string& out) {
    std::vector<std::string> all = {command,           path("saw.cbor"), path("saw.proof"),
                                    path("rough.stl"), "--out",          path(out)};
    if (command == "report") all.emplace_back("--sample-prices");
    return run(all);
  };
  EXPECT_EQ(again("picture", "again.png").code, 0);
  EXPECT_EQ(read("again.png"), read("saw.png"));
  EXPECT_EQ(again("report", "again.html").code, 0);
  EXPECT_EQ(read("again.html"), report);
  EXPECT_EQ(run({"check", path("below.stl")}).code, 0);
  // What all of it holds for stands there, and wherever it is verified.
  ASSERT_EQ(run({"saw", path("rough.stl"), "--design", "round table=57", "--sample-prices",
                 "--direction", "0,0,1", "--gap", "60", "--table-axis", "0,0,1,40", "--at-least",
                 "0.05", "--origin", "treated", "--allowance", "10", "--out", path("")})
                .code,
            0);
  const std::string limited = read("report.html");
  for (const char* text : {"within 40.000 degrees", "less than 0.05 ct", "treated",
                           "0.010 mm kept from the surface", "3.520 g/cm3"}) {
    EXPECT_NE(limited.find(text), std::string::npos) << text;
  }
  const auto verified = run(
      {"verify-saw", path("saw.cbor"), path("saw.proof"), path("rough.stl"), "--sample-prices"});
  ASSERT_EQ(verified.code, 0) << verified.err;
  for (const char* text : {"within 40.000 degrees", "at least   0.05 ct", "treated",
                           "keep 0.010 mm", "design     round table=57", "kerf       0.060 mm"}) {
    EXPECT_NE(verified.out.find(text), std::string::npos) << text << " in\n" << verified.out;
  }
  std::string proof = read("saw.proof");
  proof[proof.size() / 2] ^= 1;
  write("saw.proof", proof);
  EXPECT_EQ(again("picture", "again.png").code, 3);
}

}  // namespace
}  // namespace intaglio::cli
