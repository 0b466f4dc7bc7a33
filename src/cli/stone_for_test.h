// For this module's tests: the commands of `intaglio stone` on files in a folder of their own.
#pragma once

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "cli/run_for_test.h"
#include "stone/mesh_file.h"
#include "stone/solids_for_test.h"

namespace intaglio::cli {

class StoneForTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path() + '/' + name; }

  void write(const std::string& name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }
  void write_mesh(const std::string& name, const stone::TriangleSoup& soup) const {
    const auto solid = stone::solid(soup);
    write(name, as_text(stone::to_stl(solid.corners, solid.triangles)));
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static Ran run(std::vector<std::string> words) {
    words.insert(words.begin(), "stone");
    return run_captured(std::move(words));
  }

 private:
  FolderForTest folder_;
};

}  // namespace intaglio::cli
