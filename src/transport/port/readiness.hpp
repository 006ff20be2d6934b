// Tells each time when something has come to a descriptor, which is registered once, for edges (epoll(7), EPOLLET). Asio's async_wait
// registers it anew for each wait: a system call a datagram. For that this uses what is Asio's own (asio::detail::reactor), and nothing
// else does.
#pragma once

#include <functional>
#include <memory>

#include "phyllo/core/awaitable.hpp"

namespace phyllo::transport {

class readiness {
 public:
  // Of a duplicate of `descriptor`, as Asio may know the other. `ready` may destroy this. Without descriptors left it never tells.
  readiness(const core::executor& ex, int descriptor, std::function<void()> ready);
  ~readiness();
  readiness(const readiness&) = delete;
  readiness& operator=(const readiness&) = delete;

  // Once what has come is read until nothing is left: `ready` is called when more comes, on the executor. One wait at a time.
  void wait();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace phyllo::transport
