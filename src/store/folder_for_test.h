// A folder that goes away with its owner.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/check.h"

namespace intaglio::store {

class FolderForTest {
 public:
  FolderForTest() {
    std::string name = (std::filesystem::temp_directory_path() / "intaglio-store-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~FolderForTest() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FolderForTest(const FolderForTest&) = delete;
  FolderForTest& operator=(const FolderForTest&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  // Leaves the folder empty and copies another one's content into it.
  void become(const std::string& other) const {
    std::filesystem::remove_all(path_);
    std::filesystem::copy(other, path_, std::filesystem::copy_options::recursive);
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace intaglio::store
