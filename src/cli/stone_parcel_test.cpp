// A parcel of scans, planned and priced by the command.
#include <filesystem>

#include "cli/stone_for_test.h"

namespace intaglio::cli {
namespace {

class StoneParcel : public StoneForTest {
 protected:
  StoneParcel() {
    std::filesystem::create_directory(path("lot"));
    write_mesh("lot/b.stl", stone::octahedron(4));
    write_mesh("lot/a.STL", stone::octahedron(5));
    write("lot/open.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
    write("lot/notes.txt", "not a scan");
  }

  Ran parcel(std::vector<std::string> more) const {
    std::vector<std::string> words = {"parcel", path("lot"), "--design", "round", "--gap", "3"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  static std::uint64_t money(const codec::Json& json, const char* name) {
    return std::stoull(must(json.text_at(name)));
  }
};

TEST_F(StoneParcel, EachScanIsPlannedAndTheParcelIsTheSum) {
  const auto made =
      parcel({"--sample-prices", "--margin", "15", "--cost", "cutting-per-carat=90", "--cost",
              "cutting-per-stone=12.50", "--csv", path("lot.csv"), "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto json = made.json();
  const auto& scans = *json.find("scans")->items();
  ASSERT_EQ(scans.size(), 3U);
  EXPECT_EQ(must(scans[0].text_at("scan")), "a.STL");
  EXPECT_TRUE(must(scans[2].text_at("refusal")).starts_with("mesh_open"));
  const auto& all = *json.find("parcel");
  EXPECT_EQ(money(all, "most"), money(scans[0], "most") + money(scans[1], "most"));
  EXPECT_EQ(money(all, "value"), money(scans[0], "value") + money(scans[1], "value"));
  for (const int i : {0, 1}) {
    const auto& scan = scans[static_cast<std::size_t>(i)];
    const std::uint64_t polished = must(scan.uint_at("polished"));
    EXPECT_EQ(money(scan, "costs"), (polished * 9'000 + 999'999) / 1'000'000 + 1'250);
    EXPECT_EQ(money(scan, "most"), money(scan, "value") * 100 / 115 - money(scan, "costs"));
  }
  // The plan is that of `stone plan`.
  const auto alone = run(
      {"plan", path("lot/a.STL"), "--design", "round", "--gap", "3", "--sample-prices", "--json"});
  EXPECT_EQ(alone.json(), *scans[0].find("plan"));
  const std::string csv = read("lot.csv");
  EXPECT_EQ(std::ranges::count(csv, '\n'), 5);
  EXPECT_NE(csv.find("\n\"parcel\","), std::string::npos);
}

TEST_F(StoneParcel, WhatIsAskedIsComparedWithWhatIsLeft) {
  const auto made =
      parcel({"--sample-prices", "--cost", "rough-per-carat=10", "--margin", "0", "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto json = made.json();
  const auto& all = *json.find("parcel");
  EXPECT_EQ(money(all, "left"), money(all, "value") - money(all, "asked"));
  EXPECT_NE(parcel({"--sample-prices", "--cost", "rough-per-carat=10000000"})
                .out.find("more than value less costs"),
            std::string::npos);
}

// What cuts cost is considered: a rough is sawn where more can be bid for it then.
TEST_F(StoneParcel, RoughsAreSawnWhereThatBringsMore) {
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"parcel",      path("lot"), "--design",        "round",
                                      "--direction", "0,0,1",     "--planes",        "12",
                                      "--gap",       "12",        "--sample-prices", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto made = run(words);
    EXPECT_EQ(made.code, 0) << made.err;
    return made.json();
  };
  const auto whole = with({});
  const auto sawn = with({"--cuts", "1", "--cost", "saw-cut=3", "--margin", "10"});
  const auto& scan = (*sawn.find("scans")->items())[0];
  EXPECT_EQ(must(scan.uint_at("saw_cuts")), 1U);
  EXPECT_EQ(must(scan.uint_at("stones")), 2U);
  EXPECT_EQ(scan.find("parts")->items()->size(), 2U);
  EXPECT_EQ(money(scan, "costs"), 300U);
  EXPECT_EQ(money(scan, "most"), money(scan, "value") * 100 / 110 - 300);
  const auto& alone = (*whole.find("scans")->items())[0];
  EXPECT_GT(money(scan, "value"), money(alone, "value"));
  EXPECT_GE(money(scan, "bound"), money(scan, "value"));
  EXPECT_EQ(must(sawn.find("parcel")->uint_at("saw_cuts")), 2U);
  // Where a cut costs more than the second stone brings the rough stays whole.
  const auto dear = with({"--cuts", "1", "--cost", "saw-cut=1000000"});
  const auto& kept = (*dear.find("scans")->items())[0];
  EXPECT_EQ(must(kept.uint_at("saw_cuts")), 0U);
  EXPECT_EQ(money(kept, "value"), money(alone, "value"));
  EXPECT_EQ(money(kept, "costs"), 0U);
}

TEST_F(StoneParcel, WhatIsWrongIsSaid) {
  EXPECT_EQ(parcel({"--margin", "5", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(parcel({"--sample-prices", "--cost", "polish=5", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(parcel({"--sample-prices", "--cost", "saw-cut", "--json"}).verdict(), "bad_usage");
  EXPECT_EQ(run({"parcel", path("gone"), "--json"}).verdict(), "file_failed");
  std::filesystem::create_directory(path("empty"));
  EXPECT_EQ(run({"parcel", path("empty"), "--json"}).verdict(), "bad_usage");
}

}  // namespace
}  // namespace intaglio::cli
