// The stack of a node's present role, for calls that may come while it changes: they wait for the next one. Who awaits something of a
// stack holds it, so that it outlives the role that it was made for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "peer/occupied.hpp"
#include "peer/peer_stack.hpp"
#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

class present_stack {
 public:
  // A stack, and how many write by it: by occupied.
  struct held {
    peer_stack stack;
    std::size_t writing = 0;
    held(const stack_ground& on, const peer_options& options) : stack(on, options) {}
  };
  using holder = std::shared_ptr<held>;

  explicit present_stack(core::environment& env) : env_(env) {}  // which outlives it

  void replace(holder next);  // by the next role's, if one is awaited
  [[nodiscard]] const holder& hold() const noexcept { return now_; }
  [[nodiscard]] peer_stack& operator*() const noexcept { return now_->stack; }
  [[nodiscard]] peer_stack* operator->() const noexcept { return &now_->stack; }

  void begin_change() noexcept { phase_ = phase::leaving; }
  void joined_by(const holder& h);  // or not: h's join has ended. Of the next role's that ends the change
  void end_change();                // those who wait go on
  [[nodiscard]] bool changing() const noexcept { return phase_ != phase::settled; }
  // Of a role that is over, or about to be: what is asked by it comes to nothing.
  [[nodiscard]] bool passing(const holder& h) const noexcept { return changing() || h != now_; }

  // The stack, once no change is under way: most often at once. not_joined: it still is, at the deadline.
  core::awaitable<core::result<holder>> settled(core::time_point deadline);
  // The same of a node that is joined, or attached. not_joined: it is not.
  core::awaitable<core::result<holder>> joined(core::time_point deadline);
  // Until nobody writes by it any more, or the deadline.
  core::awaitable<void> written(core::time_point deadline) const;

 private:
  enum class phase : std::uint8_t { settled, leaving, joining };

  core::environment& env_;
  holder now_;
  phase phase_ = phase::settled;
  std::vector<core::timer*> waiting_;
};

}  // namespace phyllo::overlay
