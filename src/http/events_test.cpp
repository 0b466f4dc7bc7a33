#include "http/events.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace intaglio::http {
namespace {

std::vector<Event> read(std::string_view text, std::size_t step = 1000) {
  EventReader reader;
  std::vector<Event> out;
  Event event;
  for (std::size_t at = 0; at < text.size(); at += step) {
    EXPECT_TRUE(reader.push(as_bytes(text.substr(at, step))).has_value());
    while (reader.next(event)) out.push_back(event);
  }
  return out;
}

// The bytes of docs/reference/formats.md.
TEST(Events, AreWrittenAsLines) {
  EXPECT_EQ(to_text({"7", "refresh", R"({"code":"x"})"}),
            "id: 7\nevent: refresh\ndata: {\"code\":\"x\"}\n\n");
  EXPECT_EQ(to_text({"", "", ""}), "data: \n\n");
  EXPECT_EQ(to_text({"", "", "a\nb\r\nc\rd"}), "data: a\ndata: b\ndata: c\ndata: d\n\n");
}

TEST(Events, LoseAZeroByteInTheIdAlone) {
  const std::string zero("a\0b", 3);
  EXPECT_EQ(to_text({zero, zero, zero}), "id: ab\nevent: " + zero + "\ndata: " + zero + "\n\n");
}

TEST(Events, CannotBeForgedThroughIdOrName) {
  EXPECT_EQ(to_text({"1\n\ndata: x", "a\r\nid: 2", "d"}),
            "id: 1data: x\nevent: aid: 2\ndata: d\n\n");
}

// The examples of the WHATWG HTML standard, section 9.2.6.
TEST(EventReader, ReadsTheExamplesOfTheStandard) {
  EXPECT_EQ(read("data: YHOO\ndata: +2\ndata: 10\n\n"),
            (std::vector<Event>{{"", "", "YHOO\n+2\n10"}}));
  EXPECT_EQ(read(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
                 "data:  third event\n\n"),
            (std::vector<Event>{
                {"1", "", "first event"}, {"", "", "second event"}, {"", "", " third event"}}));
  EXPECT_EQ(read("data\n\ndata\ndata\n\ndata:"),
            (std::vector<Event>{{"", "", ""}, {"", "", "\n"}}));
  EXPECT_EQ(read("data:test\n\ndata: test\n\n"),
            (std::vector<Event>{{"", "", "test"}, {"", "", "test"}}));
}

TEST(EventReader, TakesAnyLineEndAndAByteOrderMark) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "id: 1\r\ndata: a\rdata: b\n\r\n\ndata: c\r\r",
                 1),
            (std::vector<Event>{{"1", "", "a\nb"}, {"1", "", "c"}}));
}

TEST(EventReader, PassesOverCommentsUnknownFieldsAndEventsWithoutData) {
  EXPECT_TRUE(read(":\n\nretry: 5\nfoo: bar\nevent: x\n\n").empty());
  EXPECT_TRUE(read(kKeepAliveComment).empty());
}

TEST(EventReader, RefusesAnEventAboveItsLimit) {
  EventReader reader(16);
  ASSERT_TRUE(reader.push(as_bytes("data: 0123456\n\n")).has_value());
  EXPECT_EQ(reader.push(as_bytes("data: 0123456789abcdef")).error().verdict, Verdict::too_large);
  EventReader lines(16);
  EXPECT_FALSE(lines.push(as_bytes("data: 012345\ndata: 012345\ndata: 0\n")).has_value());
}

RC_GTEST_PROP(Events, AreReadBackAsTheyWereSent,
              (const std::vector<std::string>& texts, std::size_t step)) {
  std::string stream;
  std::vector<Event> sent;
  for (const auto& text : texts) {
    std::string data = text;
    std::erase(data, '\r');
    sent.push_back({std::to_string(sent.size()), "name", data});
    stream += to_text(sent.back()) + std::string(kKeepAliveComment);
  }
  RC_ASSERT(read(stream, step % 7 + 1) == sent);
}

}  // namespace
}  // namespace intaglio::http
