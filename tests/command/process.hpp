// Runs the built program, as a person or a script would.
#pragma once

#include <doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"

extern char** environ;

namespace phyllo::testing {

struct finished {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// One run of supernode; its output goes to files of `directory`.
class process {
 public:
  process(const temporary_directory& directory, std::vector<std::string> arguments, const std::string& input = {}) : directory_(directory) {
    static int number = 0;
    tag_ = std::to_string(++number);
    directory_.write(tag_ + ".in", input);
    arguments.insert(arguments.begin(), PHYLLO_SUPERNODE);
    std::vector<char*> argv;
    for (auto& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, directory_.file(tag_ + ".in").c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, directory_.file(tag_ + ".out").c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(&files, 2, directory_.file(tag_ + ".err").c_str(), O_WRONLY | O_CREAT, 0600);
    REQUIRE(posix_spawn(&pid_, PHYLLO_SUPERNODE, &files, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
  }
  ~process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      wait();
    }
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] std::string error_file() const { return directory_.file(tag_ + ".err"); }  // what it has said so far
  void signal(int number) const { ::kill(pid_, number); }
  [[nodiscard]] bool ended() {
    if (pid_ <= 0) return true;
    if (::waitpid(pid_, &status_, WNOHANG) != pid_) return false;
    pid_ = -1;
    return true;
  }
  finished wait() {
    if (pid_ > 0) ::waitpid(pid_, &status_, 0);
    pid_ = -1;
    return {WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_), content_of(directory_.file(tag_ + ".out")),
            content_of(directory_.file(tag_ + ".err"))};
  }

 private:
  const temporary_directory& directory_;
  std::string tag_;
  pid_t pid_ = -1;
  int status_ = 0;
};

inline finished run_supernode(const temporary_directory& d, std::vector<std::string> arguments, const std::string& input = {}) {
  return process(d, std::move(arguments), input).wait();
}

}  // namespace phyllo::testing
