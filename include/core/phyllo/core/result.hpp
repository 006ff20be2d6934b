// Errors as values: result<T> crosses every tier; exceptions are for bugs and exhausted memory only.
//
// Each tier documents one `enum class errc` and registers it as a std::error_code enum with one table of texts
// (see core/errc.hpp). `error` adds the detail a person needs: what was wrong, where, and what to do.
#pragma once

#include <concepts>
#include <expected>
#include <string>
#include <system_error>
#include <utility>

namespace phyllo::core {

class error {
 public:
  // `detail` is printed after the code's text: "<text>: <detail>". It must not hold secrets.
  explicit error(std::error_code code, std::string detail = {}) : code_(code), detail_(std::move(detail)) {}

  template <class Enum>
    requires std::is_error_code_enum_v<Enum>
  // Not explicit: an errc is an error without detail
  error(Enum code, std::string detail = {}) : code_(make_error_code(code)), detail_(std::move(detail)) {}

  [[nodiscard]] const std::error_code& code() const noexcept { return code_; }
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
  [[nodiscard]] std::string message() const;

  // The same error with `where` put before the detail: context is added on the way up.
  [[nodiscard]] error at(std::string_view where) const;

  friend bool operator==(const error& e, const std::error_code& code) noexcept { return e.code_ == code; }
  template <class Enum>
    requires std::is_error_code_enum_v<Enum>
  friend bool operator==(const error& e, Enum code) noexcept {
    return e.code_ == make_error_code(code);
  }

 private:
  std::error_code code_;
  std::string detail_;
};

template <class T>
using result = std::expected<T, error>;
using status = result<void>;

// `return fail(errc::timed_out, "no answer from 192.0.2.1:6084 in 3 s");`
template <class Enum>
  requires std::is_error_code_enum_v<Enum>
[[nodiscard]] std::unexpected<error> fail(Enum code, std::string detail = {}) {
  return std::unexpected<error>(error(code, std::move(detail)));
}
[[nodiscard]] inline std::unexpected<error> fail(error e) { return std::unexpected<error>(std::move(e)); }

}  // namespace phyllo::core
