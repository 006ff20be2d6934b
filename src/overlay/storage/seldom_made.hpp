// A value that takes long to make and is asked for at any time: the last one does until making the next takes a fiftieth of the time.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "phyllo/core/time.hpp"

namespace phyllo::overlay {

template <class T>
class seldom_made {
 public:
  static constexpr int part = 50;
  static constexpr core::duration oldest = std::chrono::seconds(10);

  // Null: it is to be made.
  [[nodiscard]] const T* get(core::time_point now) const { return value_ && now < until_ ? &*value_ : nullptr; }
  const T& keep(T value, core::time_point began, core::time_point now) {
    until_ = now + std::min(part * (now - began), oldest);
    return value_.emplace(std::move(value));
  }

 private:
  std::optional<T> value_;
  core::time_point until_;
};

}  // namespace phyllo::overlay
