// Whom a call goes on to where a contact is another user of the domain (RFC 3261 s.16.5): each user once, so that no circle of forwardings
// goes on, and few of them. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace phyllo::sip {

class forwarding_search {
 public:
  static constexpr std::size_t users_max = 8;  // the callee among them

  struct place {
    std::string user;
    std::uint16_t q_thousandths = 1000;  // of the contact that led here, and of those that led to it: the least
    bool first = false;                  // the callee himself
  };

  explicit forwarding_search(std::string callee) { users_.push_back({std::move(callee), 1000, true}); }

  // Whom to look up now; nullopt: there are no more.
  [[nodiscard]] std::optional<place> next() { return looked_up_ < users_.size() ? std::optional(users_[looked_up_++]) : std::nullopt; }
  // False: he is known already, or there are too many.
  bool add(std::string user, std::uint16_t q_thousandths) {
    if (users_.size() >= users_max || std::ranges::find(users_, user, &place::user) != users_.end()) return false;
    users_.push_back({std::move(user), q_thousandths, false});
    return true;
  }
  void drop_last() { users_.pop_back(); }  // whom `add` has just added

 private:
  std::vector<place> users_;
  std::size_t looked_up_ = 0;
};

}  // namespace phyllo::sip
