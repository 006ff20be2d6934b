#include "phyllo/core/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace phyllo::core {
namespace {

constexpr const char* dropped_name = "phyllo_dropped_total";
constexpr const char* dropped_help = "What was dropped, by reason.";

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

histogram::histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {}

void histogram::observe(double v) noexcept {
  const auto at = std::ranges::lower_bound(bounds_, v) - bounds_.begin();
  buckets_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(v, std::memory_order_relaxed);
}

metrics::family& metrics::of(const std::string& name, const std::string& help, std::string_view type) {
  auto& f = families_[name];
  if (f.type.empty()) {
    f.help = help;
    f.type = type;
  }
  return f;
}

counter& metrics::get_counter(const std::string& name, const std::string& help, const labels& l) {
  const std::scoped_lock lock(mutex_);
  auto& c = of(name, help, "counter").counters[l];
  if (!c) c = std::make_unique<counter>();
  return *c;
}

gauge& metrics::get_gauge(const std::string& name, const std::string& help, const labels& l) {
  const std::scoped_lock lock(mutex_);
  auto& g = of(name, help, "gauge").gauges[l];
  if (!g) g = std::make_unique<gauge>();
  return *g;
}

histogram& metrics::get_histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds) {
  const std::scoped_lock lock(mutex_);
  auto& h = of(name, help, "histogram").distribution;
  if (!h) h = std::make_unique<histogram>(bounds);
  return *h;
}

void metrics::drop(std::string_view reason) {
  if (auto* known = drops_.find(reason)) return known->add();
  auto& first = get_counter(dropped_name, dropped_help, {{"reason", std::string(reason)}});
  first.add();
  const std::scoped_lock lock(mutex_);
  drops_.keep(reason, first);
}

counter& metrics::evictions(std::string_view table) {
  return get_counter("phyllo_evicted_total", "What made room for newcomers in a full table, by table.", {{"table", std::string(table)}});
}

std::map<std::string, std::uint64_t> metrics::drops() const {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, std::uint64_t> out;
  const auto f = families_.find(dropped_name);
  if (f == families_.end()) return out;
  for (const auto& [l, c] : f->second.counters) out[l.at("reason")] = c->value();
  return out;
}

std::string metrics::print(labels l) const {
  l.insert(all_.begin(), all_.end());
  if (l.empty()) return {};
  std::string out;
  for (const auto& [key, value] : l) out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", key, escaped(value));
  return "{" + out + "}";
}

void metrics::add(const std::string& name, family_sum& to) const {
  const std::scoped_lock lock(mutex_);
  const auto found = families_.find(name);
  if (found == families_.end()) return;
  const auto& f = found->second;
  for (const auto& [l, c] : f.counters) to.counters[l] += c->value();
  for (const auto& [l, g] : f.gauges) to.gauges[l] += g->value();
  if (!f.distribution) return;
  const auto& h = *f.distribution;
  to.bounds = h.bounds_;
  to.buckets.resize(h.buckets_.size());
  for (std::size_t i = 0; i < h.buckets_.size(); ++i) to.buckets[i] += h.buckets_[i].load(std::memory_order_relaxed);
  to.sum += h.sum_.load(std::memory_order_relaxed);
  to.count += h.count();
}

// The lines of one family.
void metrics::print(const std::string& name, const family_sum& f, std::string& out) const {
  for (const auto& [l, c] : f.counters) out += fmt::format("{}{} {}\n", name, print(l), c);
  for (const auto& [l, g] : f.gauges) out += fmt::format("{}{} {}\n", name, print(l), g);
  if (f.buckets.empty()) return;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < f.buckets.size(); ++i) {
    below += f.buckets[i];
    const auto bound = i < f.bounds.size() ? fmt::format("{}", f.bounds[i]) : std::string("+Inf");
    out += fmt::format("{}_bucket{} {}\n", name, print({{"le", bound}}), below);
  }
  const auto own = print({});
  out += fmt::format("{}_sum{} {}\n{}_count{} {}\n", name, own, f.sum, name, own, f.count);
}

std::string metrics::text_of(const std::vector<const metrics*>& registries) {
  std::vector<std::vector<const metrics*>> each;
  for (const auto* m : registries) each.push_back({m});
  return text_of_sums(each);
}

std::string metrics::text_of_sums(const std::vector<std::vector<const metrics*>>& registries) {
  std::map<std::string, std::string> heads;
  for (const auto& together : registries) {
    for (const auto* m : together) {
      const std::scoped_lock lock(m->mutex_);
      for (const auto& [name, f] : m->families_)
        heads.try_emplace(name, fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, f.help, name, f.type));
    }
  }
  std::string out;
  for (const auto& [name, head] : heads) {
    out += head;
    for (const auto& together : registries) {
      family_sum all;
      for (const auto* m : together) m->add(name, all);
      together.front()->print(name, all, out);
    }
  }
  return out;
}

}  // namespace phyllo::core
