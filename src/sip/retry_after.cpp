#include "retry_after.hpp"

#include <array>
#include <ctime>

#include <fmt/format.h>

namespace phyllo::sip {

void add_retry_after(message& response, core::environment& env) {
  const auto span = core::random_between(env, std::chrono::seconds(5), std::chrono::seconds(15));
  (void)response.add_header("Retry-After", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()));
}

std::string sip_date(core::wall_time t) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = std::chrono::system_clock::to_time_t(t);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                     months.at(static_cast<std::size_t>(utc.tm_mon)), 1900 + utc.tm_year, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace phyllo::sip
