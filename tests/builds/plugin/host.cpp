/// Opens the libraries that its arguments name, predicts by each, closes it and forks: a hundred times.
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstddef>
#include <cstdio>
#include <vector>

int main(int argc, char** argv) {
    const std::vector<float> x(2000, 0.5f);
    float first = 0;
    for (int i = 0; i < 100; ++i) {
        for (int library = 1; library < argc; ++library) {
            void* const handle = dlopen(argv[library], RTLD_NOW | RTLD_LOCAL);
            if (handle == nullptr) return std::printf("%s\n", dlerror()), 1;
            using function = int (*)(const float*, std::size_t, float*);
            const auto predict = reinterpret_cast<function>(dlsym(handle, "predict"));
            std::vector<float> y(1000);
            if (predict(x.data(), 1000, y.data()) != 2) return std::printf("not two threads\n"), 1;
            if (i == 0 && library == 1) first = y[0];
            if (y[0] != first || y[999] != first || first == 0) return std::printf("another result\n"), 1;
            dlclose(handle);
            const pid_t child = fork();
            if (child == 0) _exit(0);
            int status = 1;
            waitpid(child, &status, 0);
            if (status != 0) return std::printf("the child ended with status %d\n", status), 1;
        }
    }
}
