// What DNS said, as long as it holds; bounded.
#pragma once

#include <optional>
#include <string>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::transport {

template <class Value>
class dns_cache {
 public:
  // Who calls chooses the names: `hash` is random and secret.
  dns_cache(std::size_t most, const core::hash_key& hash) : entries_(most, hash) {}

  void put(const std::string& key, Value v, core::time_point until, core::time_point now) {
    if (until > now) entries_.try_emplace(key).first = entry{std::move(v), until};
  }

  [[nodiscard]] const Value* find(const std::string& key, core::time_point now) {
    const auto* known = entries_.use(key);
    return known == nullptr || known->until <= now ? nullptr : &known->value;
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct entry {
    Value value{};
    core::time_point until{};
  };
  core::bounded_map<std::string, entry> entries_;
};

}  // namespace phyllo::transport
