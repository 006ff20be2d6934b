// Keeps the links that we dialled on the best rung that goes: up again once a better one goes, down when UDP has fallen silent.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "host/dialler.hpp"
#include "link/framed_link.hpp"

namespace phyllo::transport {

class link_mover {
 public:
  // Both must outlive it.
  link_mover(host_state& state, dialler& d) : state_(state), dialler_(d), scope_(state.env) {}

  // `l` was dialled as one of `to`, in a network of that name; it is moved as long as it is open.
  void watch(const std::shared_ptr<framed_link>& l, const std::vector<candidate>& to, std::string network);
  void cancel() { scope_.cancel(); }
  core::awaitable<void> join() { return scope_.join(); }

 private:
  // A link, and the ladder to its peer.
  struct ward {
    std::weak_ptr<framed_link> link;
    std::vector<ladder_step> ladder;
    std::string network;
    bool climbing = false;
    bool falling = false;
  };

  void fall_back(const std::shared_ptr<ward>& w);
  void look_up(const std::shared_ptr<ward>& w);
  core::awaitable<void> pause_or_good_news(core::duration pause);
  static core::awaitable<void> climb(link_mover& self, std::shared_ptr<ward> w);
  static core::awaitable<void> fall(link_mover& self, std::shared_ptr<ward> w);
  core::awaitable<bool> move(std::shared_ptr<ward> w, std::vector<ladder_step> steps, bool only_in_silence);

  host_state& state_;
  dialler& dialler_;
  std::set<core::timer*> pausing_;  // of links that wait to climb: what one finds out, all use
  core::task_scope scope_;
};

}  // namespace phyllo::transport
