#include "http/message.h"

#include <gtest/gtest.h>

namespace intaglio::http {
namespace {

TEST(Fields, AreFoundWhateverTheCaseAndJoinedWhenTheyRepeat) {
  Fields fields;
  fields.add("Accept", "a");
  fields.add("Host", "h");
  fields.add("ACCEPT", "b");
  EXPECT_EQ(fields.find("accept"), "a, b");
  EXPECT_EQ(fields.count("Accept"), 2U);
  EXPECT_EQ(fields.find("Via"), std::nullopt);
  fields.set("accept", "c");
  EXPECT_EQ(fields.find("Accept"), "c");
  EXPECT_EQ(fields.all().size(), 2U);
}

TEST(Request, ReadsNumbersOfItsQueryWithinALimit) {
  Request request;
  request.query = {{"limit", "50"}, {"bad", "5x"}};
  EXPECT_EQ(request.query_number_or("limit", 10, 100).value(), 50U);
  EXPECT_EQ(request.query_number_or("other", 10, 100).value(), 10U);
  EXPECT_EQ(request.query_number_or("limit", 10, 49).error(),
            (Refusal{Verdict::bad_value, "limit"}));
  EXPECT_EQ(request.query_number_or("bad", 10, 49).error(), (Refusal{Verdict::bad_value, "bad"}));
}

TEST(Request, TakesABodyForJsonOnlyWhenItSaysSo) {
  Request request;
  request.body = to_bytes(as_bytes(R"({"a":1})"));
  EXPECT_EQ(request.json().error().verdict, Verdict::bad_media_type);
  request.fields.set("Content-Type", "text/plain");
  EXPECT_EQ(request.json().error().verdict, Verdict::bad_media_type);
  for (const auto* type :
       {"application/json", "Application/JSON ; charset=utf-8", "application/merge-patch+json"}) {
    request.fields.set("Content-Type", type);
    EXPECT_EQ(request.json().value().dump(), R"({"a":1})") << type;
  }
  request.body.pop_back();
  EXPECT_EQ(request.json().error().verdict, Verdict::bad_encoding);
}

// The bytes of docs/reference/formats.md.
TEST(Problem, HasTheMembersOfItsVerdictsRow) {
  const auto response = Response::problem({Verdict::insufficient_funds, "operations[0]"});
  EXPECT_EQ(response.status, 402);
  EXPECT_EQ(response.fields.find("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.fields.find("Retry-After"), std::nullopt);
  EXPECT_EQ(as_text(response.body),
            R"({"type":"urn:intaglio:verdict:insufficient_funds",)"
            R"("title":"the account does not have this much to spend","status":402,)"
            R"("detail":"operations[0]","code":"insufficient_funds","number":302,)"
            R"("kind":"refused","retryable":false})");
}

TEST(Problem, OfAFullQueueSaysWhenToTryAgain) {
  const auto response = Response::problem({Verdict::busy, ""});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.fields.find("Retry-After"), "1");
  EXPECT_EQ(Response::problem({Verdict::too_many_requests, ""}).fields.find("Retry-After"), "1");
}

TEST(Problem, CarriesMoreMembersAfterItsOwn) {
  const auto more = codec::Json::object({{"final", false}});
  const auto response = Response::problem({Verdict::busy, "queue"}, more);
  EXPECT_TRUE(as_text(response.body).ends_with(R"("retryable":true,"final":false})"));
}

TEST(Problem, OfEveryVerdictIsReadBackAsTheSameRefusal) {
  for (const auto& row : verdicts()) {
    if (row.kind == VerdictKind::accepted) continue;
    const Refusal refusal{row.verdict, "a \"place\""};
    EXPECT_EQ(refusal_of(Response::problem(refusal)), refusal) << row.name;
  }
}

TEST(Problem, IsReadFromForeignAnswersToo) {
  EXPECT_EQ(refusal_of(Response::of("text/html", "<h1>", 404)),
            (Refusal{Verdict::internal, "HTTP status 404"}));
  EXPECT_EQ(refusal_of(Response::of("text/html", "<h1>", 502))->verdict, Verdict::unreachable);
  EXPECT_EQ(refusal_of(Response::of(kProblemMediaType, R"({"code":"no_such"})", 400))->verdict,
            Verdict::internal);
  // A problem cannot say that all is well.
  EXPECT_EQ(refusal_of(Response::of(kProblemMediaType, R"({"code":"accepted"})", 400))->verdict,
            Verdict::internal);
  EXPECT_EQ(refusal_of(Response::json(codec::Json(1))), std::nullopt);
  EXPECT_EQ(refusal_of(Response::json(codec::Json(1), 202)), std::nullopt);
}

}  // namespace
}  // namespace intaglio::http
