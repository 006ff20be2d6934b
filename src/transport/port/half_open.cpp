#include "port/half_open.hpp"

namespace phyllo::transport {

half_open::half_open(core::metrics& m) : metrics_(m) {
  m.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", "half_open_evicted"}});
}

half_open::place::place(half_open& of, std::shared_ptr<tcp::socket> socket, std::size_t most) : of_(of), number_(++of.last_) {
  while (!of.sockets_.empty() && of.sockets_.size() >= most) {  // each turn takes one out
    const auto oldest = of.sockets_.begin();
    of.metrics_.drop("half_open_evicted");
    close_socket(*oldest->second);  // its coroutine sees that and ends
    of.sockets_.erase(oldest);
  }
  of.sockets_.emplace(number_, std::move(socket));
}

}  // namespace phyllo::transport
