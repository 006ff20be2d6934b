// core's own errors, and the helper with which each tier registers its errc.
#pragma once

#include <array>
#include <string_view>
#include <system_error>

namespace phyllo::core {

enum class errc {
  timed_out = 1,  // the deadline passed first
  cancelled,      // the owner cancelled the operation
  closed,         // the mailbox, stream or scope was closed
  full,           // a bounded queue has no room
  malformed,      // bytes or text that do not parse; the detail says where
  io,             // the operating system refused; the detail holds its words
  invalid,        // an argument outside its documented range
};

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

// A std::error_category over a table of texts; entry i is the text of code i + 1.
template <std::size_t N>
class error_table final : public std::error_category {
 public:
  error_table(const char* name, const std::array<std::string_view, N>& texts) : name_(name), texts_(texts) {}
  [[nodiscard]] const char* name() const noexcept override { return name_; }
  [[nodiscard]] std::string message(int code) const override {
    const auto index = static_cast<std::size_t>(code) - 1;
    return std::string(index < N ? texts_[index] : std::string_view("unknown error"));
  }

 private:
  const char* name_;
  std::array<std::string_view, N> texts_;
};

}  // namespace phyllo::core

template <>
struct std::is_error_code_enum<phyllo::core::errc> : std::true_type {};
