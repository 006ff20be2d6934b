// A message that is printed once, with gaps that are filled in for each operation: "[user]" in the text is a gap.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace phyllo::load {

enum class gap : std::uint8_t { key, branch, cseq, user, local, uri, to, to_tag, routes, authorization, count };

// What fills the gaps of one message.
class gap_values {
 public:
  [[nodiscard]] std::string_view& operator[](gap g) noexcept { return values_[static_cast<std::size_t>(g)]; }
  [[nodiscard]] std::string_view operator[](gap g) const noexcept { return values_[static_cast<std::size_t>(g)]; }

 private:
  std::array<std::string_view, static_cast<std::size_t>(gap::count)> values_;
};

class message_template {
 public:
  message_template() = default;
  // Lines may end with LF alone. What stands in brackets and is no gap's name stays as it is: an IPv6 address does.
  explicit message_template(std::string_view text);

  // How many octets were written; 0: there is not the room.
  [[nodiscard]] std::size_t render(std::span<char> into, const gap_values& v) const noexcept;

 private:
  struct piece {
    std::uint32_t from = 0;  // of text_
    std::uint32_t size = 0;
    gap then = gap::count;  // count: none
  };
  std::string text_;
  std::vector<piece> pieces_;
};

}  // namespace phyllo::load
