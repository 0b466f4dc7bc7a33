#include "http/reply.h"

#include <vector>

#include <gtest/gtest.h>

namespace intaglio::http {
namespace {

TEST(Reply, GivesTheFirstAnswerOnly) {
  std::vector<int> statuses;
  const Reply reply =
      Reply::to([&](const Response& response) { statuses.push_back(response.status); });
  const std::vector<Reply> copies(2, reply);
  EXPECT_TRUE(copies[1].send(Response::empty()));
  EXPECT_FALSE(reply.problem({Verdict::busy, ""}));
  EXPECT_TRUE(reply.stream().closed());
  EXPECT_EQ(statuses, std::vector<int>{204});
}

TEST(Reply, AnswersInternalWhenItsLastCopyIsDroppedUnsent) {
  std::vector<Response> answers;
  {
    const Reply reply =
        Reply::to([&](Response response) { answers.push_back(std::move(response)); });
    {
      const std::vector<Reply> copies(2, reply);
    }
    EXPECT_TRUE(answers.empty());
  }
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(refusal_of(answers[0])->verdict, Verdict::internal);
}

TEST(Reply, StreamsToATestsReaderUntilItHasEnough) {
  std::vector<Event> events;
  std::optional<Response> head;
  const Reply reply = Reply::to([&](Response response) { head = std::move(response); },
                                [&](const Event& event) {
                                  events.push_back(event);
                                  return events.size() < 2;
                                });
  const EventStream stream = reply.stream();
  EXPECT_EQ(head->fields.find("Content-Type"), "text/event-stream");
  EXPECT_TRUE(stream.send({"1", "a", "x"}));
  EXPECT_FALSE(stream.closed());
  EXPECT_FALSE(stream.send({"2", "a", "y"}));
  EXPECT_TRUE(stream.closed());
  EXPECT_FALSE(stream.send({"3", "a", "z"}));
  EXPECT_EQ(events.size(), 2U);
}

}  // namespace
}  // namespace intaglio::http
