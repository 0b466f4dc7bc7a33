#include "http/metrics.h"

#include <exception>
#include <mutex>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::http {
namespace {

// The library throws at a bad name, which is always one of ours.
template <typename Make>
auto& make_or_stop(const Series& series, Make make) {
  try {
    return make();
  } catch (const std::exception& error) {
    fatal(format("metric {}: {}", series.name, error.what()));
  }
}

}  // namespace

const std::vector<double> kLatencySeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                             0.1,    0.25,  0.5,    1,     2.5,  5,     10};

void Counter::add(double n) const { counter_->Increment(n); }
void Gauge::set(double value) const { gauge_->Set(value); }
void Gauge::add(double n) const { gauge_->Increment(n); }
void Histogram::observe(double value) const { histogram_->Observe(value); }

struct Metrics::Registry {
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  std::mutex mutex;  // of the readers
  std::vector<std::function<void()>> readers;
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const Series& series) {
  return Counter(make_or_stop(series, [&]() -> prometheus::Counter& {
    return prometheus::BuildCounter()
        .Name(series.name)
        .Help(series.help)
        .Register(registry_->registry)
        .Add(series.labels);
  }));
}

Gauge Metrics::gauge(const Series& series) {
  return Gauge(make_or_stop(series, [&]() -> prometheus::Gauge& {
    return prometheus::BuildGauge()
        .Name(series.name)
        .Help(series.help)
        .Register(registry_->registry)
        .Add(series.labels);
  }));
}

Histogram Metrics::histogram(const Series& series, const std::vector<double>& bounds) {
  return Histogram(make_or_stop(series, [&]() -> prometheus::Histogram& {
    return prometheus::BuildHistogram()
        .Name(series.name)
        .Help(series.help)
        .Register(registry_->registry)
        .Add(series.labels, bounds);
  }));
}

void Metrics::gauge_from(const Series& series, std::function<double()> read) {
  const Gauge gauge = this->gauge(series);
  const std::lock_guard lock(registry_->mutex);
  registry_->readers.emplace_back([gauge, read = std::move(read)] { gauge.set(read()); });
}

void Metrics::counter_from(const Series& series, std::function<double()> read) {
  const Counter counter = this->counter(series);
  const std::lock_guard lock(registry_->mutex);
  registry_->readers.emplace_back([counter, read = std::move(read)] {
    const double more = read() - counter.counter_->Value();
    if (more > 0) counter.add(more);
  });
}

std::string Metrics::text() {
  const std::lock_guard lock(registry_->mutex);
  for (const auto& read : registry_->readers) read();
  return prometheus::TextSerializer().Serialize(registry_->registry.Collect());
}

}  // namespace intaglio::http
