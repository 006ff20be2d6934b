// Whose password is checked next, where more wait than can be checked: a queue for each network, served in turns (fair queuing, and of it
// RFC 8290's priority for flows that are new). A pure machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <utility>

namespace phyllo::enrollment {

class login_queue {
 public:
  using ticket = std::uint64_t;
  // What is known of who waits (login_guard.hpp). The first of these goes first; but a lane that has let three others go before goes next,
  // so that none starves.
  enum class lane : std::uint8_t {
    proven,   // this account has logged in from this network before
    clean,    // nobody has failed from this network: the newest first, for a flood of new networks must not make one more wait for it all
    suspect,  // somebody has
  };

  static constexpr std::size_t waiting_max = 512;      // then the last of the last lane makes room
  static constexpr std::size_t of_one_prefix_max = 8;  // in a lane

  struct entered {
    std::optional<ticket> mine;     // nothing: there is no room
    std::optional<ticket> dropped;  // who made room
  };
  entered enter(lane l, std::uint64_t prefix);
  // Whose turn it is: it waits no more.
  std::optional<ticket> next();
  // For who gives up; one that does not wait is passed over.
  void leave(ticket t);

  [[nodiscard]] std::size_t waiting() const noexcept { return places_.size(); }

 private:
  static constexpr unsigned patience = 3;

  struct flow {
    std::uint64_t prefix = 0;
    std::deque<ticket> tickets;  // never empty
  };
  using flows = std::list<flow>;  // in the order of their turns
  struct of_lane {
    flows turns;
    std::map<std::uint64_t, flows::iterator> by_prefix;
    unsigned passed_over = 0;
  };

  [[nodiscard]] of_lane* chosen();
  ticket take_turn(of_lane& l);
  std::optional<ticket> drop_behind(lane l);
  static void forget(of_lane& l, flows::iterator f);

  std::array<of_lane, 3> lanes_;
  std::map<ticket, std::pair<lane, std::uint64_t>> places_;
  ticket last_ = 0;
};

}  // namespace phyllo::enrollment
