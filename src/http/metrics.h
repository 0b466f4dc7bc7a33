// What the node counts, for monitoring: counters, gauges and histograms by name and labels, in the
// Prometheus text form.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace intaglio::http {

// One line of the exposition. `help` is that of the name's first use. Label values may be any
// text, but each makes a line for ever: a label takes few values, never ids.
struct Series {
  std::string name;  // "intaglio_http_requests_total"
  std::string help;
  std::map<std::string, std::string> labels = {};
};

// Each lives as long as its Metrics and is cheap to copy. Any thread.
class Counter {
 public:
  void add(double n = 1) const;

 private:
  friend class Metrics;
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  void set(double value) const;
  void add(double n) const;

 private:
  friend class Metrics;
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  void observe(double value) const;

 private:
  friend class Metrics;
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  prometheus::Histogram* histogram_;
};

// From half a millisecond to ten seconds.
extern const std::vector<double> kLatencySeconds;

// Any thread. The same series again is the same counter. A name or label that Prometheus does not
// take, or one name for two kinds, is our own mistake and stops the program.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter counter(const Series& series);
  Gauge gauge(const Series& series);
  // `bounds` ascend; the last bucket is everything above.
  Histogram histogram(const Series& series, const std::vector<double>& bounds = kLatencySeconds);

  // Read each time the text is asked for, by whoever asks: for what others count already. A counter
  // read lower than before stays where it was.
  void gauge_from(const Series& series, std::function<double()> read);
  void counter_from(const Series& series, std::function<double()> read);

  // Prometheus text exposition format 0.0.4.
  std::string text();
  static constexpr const char* kMediaType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace intaglio::http
