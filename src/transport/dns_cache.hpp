// What DNS said, as long as it holds; bounded.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "phyllo/core/time.hpp"

namespace phyllo::transport {

template <class Value>
class dns_cache {
 public:
  explicit dns_cache(std::size_t most) : most_(most) {}

  void put(const std::string& key, Value v, core::time_point until, core::time_point now) {
    if (until <= now) return;
    if (entries_.size() >= most_ && !entries_.contains(key)) {
      std::erase_if(entries_, [now](const auto& e) { return e.second.until <= now; });
      if (entries_.size() >= most_) entries_.clear();  // rather than a scan for each further one
    }
    entries_.insert_or_assign(key, entry{std::move(v), until});
  }

  [[nodiscard]] const Value* find(const std::string& key, core::time_point now) const {
    const auto i = entries_.find(key);
    return i == entries_.end() || i->second.until <= now ? nullptr : &i->second.value;
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct entry {
    Value value;
    core::time_point until;
  };
  std::size_t most_;
  std::unordered_map<std::string, entry> entries_;
};

}  // namespace phyllo::transport
