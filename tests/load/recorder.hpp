// An outbox that keeps what a machine sends, for its test to read.
#pragma once

#include <deque>
#include <string>

#include "machine.hpp"

namespace load_test {

struct sent {
  unsigned way = 0;
  phyllo::load::address to;
  std::string text;
};

class recorder final : public phyllo::load::outbox {
 public:
  std::span<char> room(unsigned) override { return room_; }
  void commit(unsigned way, const phyllo::load::address& to, std::size_t size) override {
    messages.push_back({way, to, std::string(room_.data(), size)});
  }
  // The oldest that was not taken yet; empty: nothing was sent.
  std::string take() { return take_sent().text; }
  sent take_sent() {
    if (messages.empty()) return {};
    auto out = std::move(messages.front());
    messages.pop_front();
    return out;
  }

  std::deque<sent> messages;

 private:
  std::array<char, 4096> room_{};
};

inline bool has(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

}  // namespace load_test
