#include "http/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intaglio::http {
namespace {

using testing::HasSubstr;

TEST(Metrics, AreWrittenInThePrometheusTextForm) {
  Metrics metrics;
  metrics.counter({"things_total", "things", {{"kind", "a\"b"}}}).add(3);
  metrics.gauge({"level", "how high"}).set(1.5);
  metrics.histogram({"took_seconds", "how long"}, {0.1, 1}).observe(0.5);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# HELP things_total things\n# TYPE things_total counter\n"
                              "things_total{kind=\"a\\\"b\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("level 1.5\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{le=\"0.1\"} 0\n"
                              "took_seconds_bucket{le=\"1\"} 1\n"
                              "took_seconds_bucket{le=\"+Inf\"} 1\n"));
}

TEST(Metrics, GiveTheSameCounterForTheSameSeries) {
  Metrics metrics;
  metrics.counter({"a_total", "a", {{"x", "1"}}}).add();
  metrics.counter({"a_total", "a", {{"x", "1"}}}).add();
  metrics.counter({"a_total", "a", {{"x", "2"}}}).add();
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("a_total{x=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("a_total{x=\"2\"} 1\n"));
}

TEST(Metrics, ReadWhatOthersCountWhenTheyAreAsked) {
  Metrics metrics;
  double value = 1;
  metrics.gauge_from({"g", "g"}, [&] { return value; });
  metrics.counter_from({"c_total", "c"}, [&] { return value; });
  EXPECT_THAT(metrics.text(), HasSubstr("g 1\n"));
  value = 5;
  EXPECT_THAT(metrics.text(), HasSubstr("c_total 5\n"));
  value = 4;
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("g 4\n"));
  EXPECT_THAT(text, HasSubstr("c_total 5\n"));  // a counter never falls
}

TEST(MetricsDeathTest, StopAtANameThatIsNone) {
  Metrics metrics;
  EXPECT_DEATH(metrics.counter({"no spaces", "x"}), "no spaces");
}

}  // namespace
}  // namespace intaglio::http
