#include "phyllo/transport/http_date.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace phyllo::transport {
namespace {

constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view form = "aaa, 00 aaa 0000 00:00:00 GMT";  // a digit for 0, a letter for a, all else as it is
constexpr int year_min = 1970;
constexpr int year_max = 2199;       // nanoseconds since 1970 end in 2262
constexpr unsigned second_max = 60;  // a leap second

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool letter(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool fits(std::string_view text) {
  return std::ranges::equal(text, form, [](char c, char f) {
    if (f == '0') return digit(c);
    return f == 'a' ? letter(c) : c == f;
  });
}

unsigned value_of(std::string_view digits) {
  unsigned n = 0;
  for (const char c : digits) n = 10 * n + static_cast<unsigned>(c - '0');
  return n;
}

}  // namespace

std::string print_http_date(core::wall_time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(t - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(std::chrono::weekday(day).c_encoding()),
                     static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::optional<core::wall_time> parse_http_date(std::string_view text) {
  if (!fits(text)) return std::nullopt;
  const auto month = std::ranges::find(months, text.substr(8, 3)) - months.begin();
  const auto year = static_cast<int>(value_of(text.substr(12, 4)));
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month) + 1),
                                         std::chrono::day(value_of(text.substr(5, 2))));
  if (year < year_min || year > year_max || !date.ok()) return std::nullopt;
  const std::chrono::sys_days day(date);
  if (days.at(std::chrono::weekday(day).c_encoding()) != text.substr(0, 3)) return std::nullopt;
  const auto hour = value_of(text.substr(17, 2));
  const auto minute = value_of(text.substr(20, 2));
  const auto second = value_of(text.substr(23, 2));
  if (hour > 23 || minute > 59 || second > second_max) return std::nullopt;
  return day + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

}  // namespace phyllo::transport
