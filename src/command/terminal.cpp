#include "terminal.hpp"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <utility>

#include "phyllo/node/errc.hpp"

namespace phyllo::command {
namespace {

// Echo is off as long as it lives.
class silence {
 public:
  silence() {
    tcgetattr(STDIN_FILENO, &before_);
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~silence() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;

 private:
  termios before_{};
};

std::string line() {
  std::string text;
  std::getline(std::cin, text);
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string prompt(const std::string& question) {
  std::fprintf(stderr, "%s: ", question.c_str());
  const silence quiet;
  auto answer = line();
  std::fputc('\n', stderr);
  return answer;
}

}  // namespace

core::result<std::string> read_password(const std::string& user) {
  std::string password;
  if (isatty(STDIN_FILENO) != 0) {
    password = prompt("Password for " + user);
    if (prompt("Again") != password) return core::fail(node::errc::usage, "the two passwords differ");
  } else {
    password = line();
  }
  if (password.empty()) return core::fail(node::errc::usage, "the password is empty; give it on standard input");
  return password;
}

progress::progress(std::string label) : label_(std::move(label)), terminal_(isatty(STDERR_FILENO) != 0) {}

progress::~progress() { clear(); }

void progress::clear() {
  if (std::exchange(shown_, false)) std::fputs("\r\033[K", stderr);
}

void progress::show(std::size_t done, std::size_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  shown_ = true;
  if (total > 0) {
    std::fprintf(stderr, "\r\033[K%s %zu/%zu", label_.c_str(), done, total);
  } else {
    std::fprintf(stderr, "\r\033[K%s %zu", label_.c_str(), done);
  }
}

}  // namespace phyllo::command
