#include "symbol/reader.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/env.h"
#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "codec/utf8.h"
#include "symbol/render.h"
#include "symbol/sample_text.h"
#include "symbol/simulated_camera.h"

namespace intaglio::symbol {
namespace {

using Texts = std::vector<std::string>;

// Draws, renders and reads.
Result<Texts> round_trip(std::string_view text, const DrawOptions& options = {},
                         std::size_t pixels_per_module = 4) {
  ASSIGN(const Symbol symbol, draw(text, options));
  ASSIGN(const Bytes png, to_png(symbol, pixels_per_module));
  return read_symbols(png);
}

std::string random_text(std::size_t code_points, std::uint64_t seed, bool ascii) {
  std::mt19937_64 chance(seed);
  std::string out;
  for (std::size_t i = 0; i < code_points; ++i) {
    const auto c = static_cast<char32_t>(
        ascii ? 0x20 + chance() % 95 : std::min<std::uint64_t>(chance() % 0xd800, chance()));
    codec::append_utf8(out, c);
  }
  return out;
}

RC_GTEST_PROP(Reader, ReadsBackEveryPrintableText, ()) {
  const auto length = *rc::gen::inRange<std::size_t>(1, 2332);
  const std::string text = random_text(length, *rc::gen::arbitrary<std::uint64_t>(), true);
  const auto texts = round_trip(text);
  RC_ASSERT(texts.has_value());
  RC_ASSERT(*texts == Texts{text});
}

// NUL and the other control characters too.
RC_GTEST_PROP(Reader, ReadsBackEveryUtf8Text, ()) {
  const auto length = *rc::gen::inRange<std::size_t>(1, 777);  // of up to 3 bytes each
  const std::string text = random_text(length, *rc::gen::arbitrary<std::uint64_t>(), false);
  const auto texts = round_trip(text);
  RC_ASSERT(texts.has_value());
  RC_ASSERT(*texts == Texts{text});
}

TEST(Reader, ReadsBackTheSignedPaymentCode) {
  for (const auto pixels_per_module : Bytes{2, 3, 4, 5, 8, 16}) {
    const auto texts = round_trip(kPaymentCode, {}, pixels_per_module);
    ASSERT_TRUE(texts) << int{pixels_per_module};
    EXPECT_EQ(*texts, Texts{std::string(kPaymentCode)});
  }
}

TEST(Reader, ReadsTheLargestSymbolOfEachLevel) {
  const struct {
    ErrorCorrection level;
    std::size_t bytes;
  } rows[] = {{ErrorCorrection::low, 2953},
              {ErrorCorrection::medium, 2331},
              {ErrorCorrection::quartile, 1663},
              {ErrorCorrection::high, 1273}};
  for (const auto& row : rows) {
    const std::string text = printable_text(row.bytes);
    const auto texts = round_trip(text, {.level = row.level});
    ASSERT_TRUE(texts) << row.bytes;
    EXPECT_EQ(*texts, Texts{text});
  }
  const std::string utf8 = "\u00e9" + printable_text(2328);
  const auto texts = round_trip(utf8);
  ASSERT_TRUE(texts);
  EXPECT_EQ(*texts, Texts{utf8});
}

TEST(Reader, TrimsNothingAndGuessesNoCharacterSet) {
  for (const std::string text :
       {" ", "\n", "  a  ", "a\r\n", "\t\ta\t",
        "\xef\xbb\xbf"
        "bom",
        "\u00e4\u00f6\u00fc", "\u4e2d\u6587", "\U0001f600", "\\backslash~"}) {
    const auto texts = round_trip(text);
    ASSERT_TRUE(texts) << text;
    EXPECT_EQ(*texts, Texts{text});
  }
  const std::string with_nul("a\0b\0", 4);
  EXPECT_EQ(*round_trip(with_nul), Texts{with_nul});
}

Picture side_by_side(const Picture& left, const Picture& right) {
  Picture out{left.width + right.width, std::max(left.height, right.height), {}};
  for (std::size_t y = 0; y < out.height; ++y) {
    for (const Picture* part : {&left, &right}) {
      Bytes row(part->width, 255);
      if (y < part->height) std::copy_n(&part->pixels[y * part->width], part->width, row.begin());
      append(out.pixels, row);
    }
  }
  return out;
}

TEST(Reader, ReadsAllSymbolsOfAPicture) {
  const Picture one = *decode_png(*to_png(*draw("one"), 4));
  const Picture code = *decode_png(*to_png(*draw(kPaymentCode), 4));
  auto texts = read_symbols(side_by_side(one, side_by_side(code, one)));
  ASSERT_TRUE(texts);
  std::ranges::sort(*texts);
  EXPECT_EQ(*texts, (Texts{std::string(kPaymentCode), "one", "one"}));
}

TEST(Reader, ReadsLightOnDark) {
  Picture picture = *decode_png(*to_png(*draw(kPaymentCode), 4));
  for (auto& pixel : picture.pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
  const auto texts = read_symbols(picture);
  ASSERT_TRUE(texts);
  EXPECT_EQ(*texts, Texts{std::string(kPaymentCode)});
}

TEST(Reader, FindsNothingWhereNothingIs) {
  for (const std::size_t side : Bytes{1, 2, 7, 100}) {
    for (const auto colour : Bytes{0, 255}) {
      const Picture blank{side, side, Bytes(side * side, colour)};
      EXPECT_EQ(verdict_of(read_symbols(blank)), Verdict::no_symbol) << side;
    }
  }
  const Picture code = *decode_png(*to_png(*draw(kPaymentCode), 4));
  Picture half = code;
  half.height /= 2;
  half.pixels.resize(half.width * half.height);
  const auto refused = read_symbols(half);
  ASSERT_EQ(verdict_of(refused), Verdict::no_symbol);
  EXPECT_EQ(refused.error().where, "a picture of 324 x 162 pixels");
}

TEST(Reader, RefusesWhatIsNoPictureAsThePictureReaderDoes) {
  EXPECT_EQ(verdict_of(read_symbols(as_bytes("not a picture"))), Verdict::bad_encoding);
  const Bytes png = *to_png(*draw("x"), 4);
  EXPECT_EQ(verdict_of(read_symbols(png, {.pixels = 100})), Verdict::too_large);
}

// Cameras: how many of 20 tilted shots are read. symbol_bench prints the same for more symbols.
int shots_read(const Symbol& symbol, std::string_view text, double pixels_per_module) {
  int read = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto texts = read_symbols(photograph(symbol, tilted_shot(pixels_per_module, seed)));
    if (texts) {
      EXPECT_EQ(*texts, Texts{std::string(text)});  // a symbol is read right or not at all
      ++read;
    }
  }
  return read;
}

TEST(Reader, DecodeRateOfThePaymentCodeAtAGivenPixelSize) {
  const Symbol symbol = *draw(kPaymentCode);
  std::cout << "version " << symbol.version()
            << "-M, tilted up to 20 degrees, blur 0.6 px, noise 8:";
  for (const double pixels : {2.0, 2.5, 3.0, 4.0}) {
    const int read = shots_read(symbol, kPaymentCode, pixels);
    std::cout << "  " << pixels << " px/module " << read << "/20";
    if (pixels >= 3) {
      EXPECT_EQ(read, 20) << pixels;
    }
  }
  std::cout << '\n';
}

// --- Foreign programs. ---

#define NEEDS_PROGRAM(name)                                                 \
  do {                                                                      \
    if (std::system("command -v " name " >/dev/null 2>&1") != 0) {          \
      if (std::getenv("CI") != nullptr) FAIL() << name " is not installed"; \
      GTEST_SKIP() << "NOT TESTED: " name " is not installed";              \
    }                                                                       \
  } while (false)

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    out.append(buffer.data(), n);
  }
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return out;
}

TEST(Interop, ZbarimgReadsOurPictures) {
  NEEDS_PROGRAM("zbarimg");
  const FolderForTest folder;
  for (const std::string& text :
       {std::string(kPaymentCode), std::string("\u00e4 \u4e2d\u6587 "), printable_text(2331)}) {
    const std::string path = folder / "symbol.png";
    ASSERT_TRUE(system_env().write_file(path, *to_png(*draw(text), 4), 0600));
    EXPECT_EQ(output_of("zbarimg -q --raw --nodbus -Sbinary " + path), text);
  }
}

TEST(Interop, WeReadPicturesOfQrencode) {
  NEEDS_PROGRAM("qrencode");
  const FolderForTest folder;
  const std::string png = folder / "symbol.png";
  const std::string source = folder / "text";
  for (const std::string& text : {std::string(kPaymentCode), std::string("PC1:RRQT 9O60GO09 "),
                                  std::string("0123456789"), std::string("\u00e4 \u4e2d\u6587 ")}) {
    ASSERT_TRUE(system_env().write_file(source, as_bytes(text), 0600));
    for (const std::string_view options : {"", "-8", "-l H", "-t PNG32 --background=FFFFFF00"}) {
      output_of("qrencode -s 4 -o " + png + " -r " + source + ' ' + std::string(options));
      const auto texts = read_symbols(*system_env().read_file(png, 1 << 20));
      ASSERT_TRUE(texts) << text << ' ' << options;
      EXPECT_EQ(*texts, Texts{text}) << options;
    }
  }
}

// --- Public vectors. ---

std::string vectors() {
  const char* folder = std::getenv("INTAGLIO_VECTORS");
  return folder != nullptr ? folder : "../shared/vectors";
}

std::string whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Texts> table(const std::string& path) {
  std::vector<Texts> rows;
  std::istringstream lines(whole_file(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    Texts& row = rows.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, '\t');) row.push_back(field);
  }
  return rows;
}

// The text of a JSON member that holds no escape but "\/".
std::string member(const std::string& json, const std::string& name) {
  const std::size_t colon = json.find(':', json.find('"' + name + '"') + name.size() + 2);
  const std::size_t start = json.find('"', colon) + 1;
  std::string text = json.substr(start, json.find('"', start) - start);
  std::erase(text, '\\');
  return text;
}

TEST(Reader, ReadsTheSymbolsOfTwentyStates) {
  const std::string folder = vectors() + "/dgc/";
  const auto rows = table(folder + "png.tsv");
  if (rows.empty()) GTEST_SKIP() << "NOT TESTED: no public vectors in " << folder;
  for (const Texts& row : rows) {
    const auto texts = read_symbols(as_bytes(whole_file(folder + "png/" + row.at(0))));
    ASSERT_TRUE(texts) << row[0] << ": " << to_string(texts.error());
    EXPECT_EQ(*texts, Texts{member(whole_file(folder + row.at(1)), "PREFIX")}) << row[0];
  }
}

TEST(Reader, ReadsBackPublicPaymentCodes) {
  const auto rows = table(vectors() + "/emv/mpm.tsv");
  if (rows.empty()) GTEST_SKIP() << "NOT TESTED: no public vectors in " << vectors();
  for (const Texts& row : rows) {
    const auto texts = round_trip(row.back());
    ASSERT_TRUE(texts) << row[0];
    EXPECT_EQ(*texts, Texts{row.back()}) << row[0];
  }
}

}  // namespace
}  // namespace intaglio::symbol
